/** @file What the compiler knows of kernels: which memory they touch. */

/** A piece of memory. What two dispatches both touch is one object. */
export interface Span {
  readonly label: string;
  readonly bytes: number;
}

/** A kernel to be run once: what the compiler knows of it is which memory it touches. */
export interface Dispatch<Memory extends Span = Span> {
  readonly label: string;
  readonly reads: readonly Memory[];
  readonly writes: readonly Memory[];
}
