/** @file Which module an error arose in: its path in front of the message, as deep as the modules are nested. */
import { LimbeckError } from "../errors.ts";

interface Place {
  readonly owner: object;
  readonly path: string;
  /** The message without the path. */
  readonly message: string;
}

const places = new WeakMap<LimbeckError, Place>();

/**
 * The error with the path of the module that `owner`, a pass, was running: once for each pass, so that the innermost module of
 * a pass is told, and a pass within a module of another adds to its path. Other errors than Limbeck's stay as they are.
 */
export function located(error: unknown, owner: object, path: string): unknown {
  if (!(error instanceof LimbeckError)) return error;
  const known = places.get(error);
  if (known?.owner === owner) return error;
  const whole = known ? `${path}.${known.path}` : path;
  const message = known?.message ?? error.message;
  const told = new LimbeckError(error.code, `${whole}: ${message}`, { cause: error });
  places.set(told, { owner, path: whole, message });
  return told;
}
