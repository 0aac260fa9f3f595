/** @file The one error class: a stable code for machines, a message that says where, what was expected, what came and what to do. */

/** Every code Limbeck throws. A code is stable across versions; the message is not. */
export type ErrorCode =
  /** Tensors whose shapes or types do not fit an operation. */
  | "SHAPE"
  /** An option or argument outside its range. */
  | "ARGUMENT"
  /** A name that is in no table: model, method, data set, state, input. */
  | "UNKNOWN_NAME"
  /** A gradient asked through an operation that has none. */
  | "NOT_DIFFERENTIABLE"
  /** What the chosen engine or platform cannot do. */
  | "UNSUPPORTED"
  /** The engine failed or was closed while running. */
  | "ENGINE"
  /** A data file that is truncated, oversized or not what its name says. */
  | "DATA_FORMAT"
  /** A data file or folder that is not there. */
  | "DATA_MISSING"
  /** A download that failed. */
  | "DOWNLOAD"
  /** Bytes whose checksum is not the published one, or not that of what Limbeck wrote or worked with before. */
  | "CHECKSUM"
  /** An archive that would write outside its folder. */
  | "UNSAFE_ARCHIVE"
  /** A weights or checkpoint file that cannot be read, or does not fit the model. */
  | "WEIGHTS"
  /** Your own module cannot be loaded, fails, or returns something unexpected. */
  | "MODULE"
  /** A configuration that breaks the schema. */
  | "CONFIG"
  /** A folder that cannot be written, is taken or holds another run. */
  | "OUTPUT"
  /** An exported student whose answers are not those of the network that it was made of. */
  | "EXPORT"
  /** A loss that is no longer a finite number. */
  | "NOT_FINITE"
  /** Runs of a study that failed; the others are done. */
  | "STUDY"
  /** Stopped by the caller before the end. */
  | "ABORTED";

/** An error a caller can act on. */
export class LimbeckError extends Error {
  override readonly name = "LimbeckError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why something failed, for a message: what an error says, or whatever was thrown in its place. NOTE: an error of another realm is no instance of this one's `Error`. */
export function reasonOf(thrown: unknown): string {
  const message = (thrown as Partial<Error> | null | undefined)?.message;
  return typeof message === "string" ? message : String(thrown);
}

/** The code of what the system refused: `ENOENT` of a file that is not there, say. */
export function systemCode(thrown: unknown): string | undefined {
  return (thrown as { readonly code?: string } | null | undefined)?.code;
}
