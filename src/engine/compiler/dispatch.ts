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
  /** Bytes that it reads and writes, where it touches a part of its memory alone. */
  readonly touched?: number;
}

/** Bytes that a dispatch reads and writes if each piece of memory is touched once. */
export function touchedBytes({ reads, writes, touched }: Dispatch): number {
  return touched ?? [...reads, ...writes].reduce((sum, { bytes }) => sum + bytes, 0);
}
