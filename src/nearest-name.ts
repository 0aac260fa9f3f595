/** @file The error for a name that is in no table, with the nearest one that is. */
import { LimbeckError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** How many known names a message lists. */
const LISTED = 20;

/** Throws UNKNOWN_NAME: `unknown model "LihgtNN"; did you mean LightNN? Known: DeepNN, LightNN`. */
export function unknownName(kind: string, name: string, known: readonly string[]): never {
  const near = nearest(name, known);
  const suggestion = near === undefined ? "." : `; did you mean ${near}?`;
  const rest = known.length > LISTED ? ` and ${known.length - LISTED} more` : "";
  const list = known.length > 0 ? known.slice(0, LISTED).join(", ") + rest : "none";
  throw new LimbeckError("UNKNOWN_NAME", `unknown ${kind} "${name}"${suggestion} Known: ${list}`);
}
