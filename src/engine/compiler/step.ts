/** @file What the compiler knows of an engine's work: which memory it touches. */

/** A piece of memory. What two steps both touch is one object. */
export interface Span {
  readonly label: string;
  readonly bytes: number;
}

/** Work that an engine does in one go: a kernel, a dispatch. */
export interface Step<Memory extends Span = Span> {
  readonly label: string;
  readonly reads: readonly Memory[];
  readonly writes: readonly Memory[];
}
