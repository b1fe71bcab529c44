/** What subjects may be called and what their passwords look like. */
import { StrongroomError } from "@strongroom/core/errors";

export const LOGIN_CHARS_MAX = 128;
export const PASSWORD_CHARS_MIN = 10;
export const PASSWORD_CHARS_MAX = 256;

const LOGIN = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{2,127}$/u;

/**
 * The one form of a login: compatibility-composed and in lower case, so that what looks alike is alike.
 * @throws StrongroomError `account.bad-login`
 */
export function readLogin(text: string): string {
  const login = text.normalize("NFKC").toLowerCase();
  if (!LOGIN.test(login)) {
    throw new StrongroomError(
      "account.bad-login",
      `a login has 3 to ${LOGIN_CHARS_MAX} letters, digits or . _ @ + - and begins with a letter or digit`,
    );
  }
  return login;
}

/**
 * The one form of a password that is typed on different keyboards (NFKC, as NIST SP 800-63B section 5.1.1.2 asks).
 * @throws StrongroomError `account.bad-password`
 */
export function readPassword(text: string): string {
  const password = text.normalize("NFKC");
  const characters = [...password].length;
  if (characters < PASSWORD_CHARS_MIN || characters > PASSWORD_CHARS_MAX || !password.isWellFormed()) {
    throw new StrongroomError(
      "account.bad-password",
      `a password has ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters`,
      {
        details: { charsMin: PASSWORD_CHARS_MIN, charsMax: PASSWORD_CHARS_MAX },
      },
    );
  }
  return password;
}
