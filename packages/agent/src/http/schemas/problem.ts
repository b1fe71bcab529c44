/** RFC 9457 problems. */
import { ERRORS } from "@strongroom/core/errors";
import { object, oneOf, text, type Schema } from "./schema.ts";

export const problem: Schema = {
  $id: "Problem",
  ...object(
    {
      type: { type: "string", format: "uri", description: "Documentation of the code." },
      title: text(500, "What the code means."),
      status: { type: "integer", minimum: 400, maximum: 599 },
      code: { ...oneOf(...Object.keys(ERRORS)), description: "Stable; what programs read." },
      detail: text(1_000, "What it was this time. Never personal data."),
      requestId: text(64, "For the operator, who finds the reason in the agent's log."),
      "details?": {
        type: "object",
        additionalProperties: true,
        description: "Facts for a program: limits, positions, the nearest known id.",
      },
    },
    "RFC 9457",
  ),
};
