/** @file What a reader is to the attack: one try at it. */
import type { Stream } from "../../../src/data/stream.ts";

export interface Target {
  readonly name: string;
  /** Of how many tries, compared with the others. */
  readonly share: number;
  /**
   * Reads something damaged. What is read although it is damaged has to be what the bytes say: returns what is wrong with it,
   * if anything. A refusal is thrown on.
   */
  attempt(random: Stream): Promise<string | undefined> | string | undefined;
}

/** Whether two arrays have the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
