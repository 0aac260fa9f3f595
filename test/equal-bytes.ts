/** @file Typed arrays of one kind with the same bytes are equal at once: looked at number by number, as the runner does it, a million take seconds. */
import { expect } from "vitest";

const isArray = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value) && !(value instanceof DataView);

const sameBytes = (a: unknown, b: unknown): true | undefined => {
  if (!isArray(a) || !isArray(b) || a.constructor !== b.constructor || a.length !== b.length) return undefined;
  const [bytes, others] = [a, b].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
  // Where a byte differs the runner finds out whether the numbers do, and which.
  return bytes!.equals(others!) ? true : undefined;
};

// NOTE: where files share a worker this is run for each of them.
const once = globalThis as { hasSameBytes?: true };
if (!once.hasSameBytes) expect.addEqualityTesters([sameBytes]);
once.hasSameBytes = true;
