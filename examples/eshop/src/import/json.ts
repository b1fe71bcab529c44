/** The elements of one array in a JSON text that comes in pieces, without ever holding more than one of them. */
import { ImportError } from "./mapping.ts";

const ELEMENT_CHARACTERS_MAX = 65_536;

/**
 * Texts of the elements of the array under a name of the outermost object; null: of the outermost array itself.
 * What is around them is followed, not checked; each element is for the caller to parse.
 */
export async function* jsonElements(texts: AsyncIterable<string>, name: string | null): AsyncGenerator<string> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** Last string at depth 1 as written, then the name that a colon made of it. */
  let string = "";
  let key: string | null = null;
  /** Depth of the elements of the wanted array, once inside it. */
  let elements: number | null = null;
  let element = "";
  let found = false;

  for await (const text of texts) {
    for (const character of text) {
      if (elements !== null) {
        const ends = !inString && depth === elements && (character === "," || character === "]");
        if (ends) {
          if (character === "," || element.trim() !== "") yield element;
          element = "";
          if (character === "]") elements = null;
        } else {
          element += character;
          if (element.length > ELEMENT_CHARACTERS_MAX)
            throw new ImportError(`a row has more than ${ELEMENT_CHARACTERS_MAX} characters`);
        }
      }
      if (inString) {
        if (depth === 1 && !(character === '"' && !escaped)) string += character;
        inString = character !== '"' || escaped;
        escaped = character === "\\" && !escaped;
      } else if (character === '"') {
        inString = true;
        string = "";
      } else if (character === ":" && depth === 1) {
        key = string;
      } else if (character === "{" || character === "[") {
        const wanted = character === "[" && (name === null ? depth === 0 : depth === 1 && key === name);
        depth += 1;
        if (wanted && !found) {
          elements = depth;
          found = true;
        }
      } else if (character === "}" || character === "]") {
        depth -= 1;
        if (depth < 0) throw new ImportError("the file is not JSON: it closes more than it opens");
      } else if (character === "," && depth === 1) {
        key = null;
      }
    }
  }
  if (depth > 0 || inString) throw new ImportError("the file ends in the middle of its JSON: it was cut");
  if (!found)
    throw new ImportError(name === null ? "the file holds no array of rows" : `the file holds no array "${name}"`);
}
