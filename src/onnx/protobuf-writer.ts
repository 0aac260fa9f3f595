/** @file Protocol buffers, as far as writing needs them: each field as the pieces that it is made of, joined once at the end. https://protobuf.dev/programming-guides/encoding */

/** Bytes behind each other. */
export type Pieces = readonly Uint8Array[];

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** A whole number, negative ones too. */
export function wholeNumber(field: number, value: number | bigint): Pieces {
  return [varint(field * 8 + VARINT), varint(value)];
}

export function float(field: number, value: number): Pieces {
  return [varint(field * 8 + FIXED32), new Uint8Array(Float32Array.of(value).buffer)];
}

export function double(field: number, value: number): Pieces {
  return [varint(field * 8 + FIXED64), new Uint8Array(Float64Array.of(value).buffer)];
}

export function text(field: number, value: string): Pieces {
  return delimited(field, [new TextEncoder().encode(value)]);
}

/** Bytes, or a message of fields. */
export function delimited(field: number, inside: Pieces): Pieces {
  return [varint(field * 8 + DELIMITED), varint(lengthOf(inside)), ...inside];
}

export function joined(pieces: Pieces): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function lengthOf(pieces: Pieces): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Seven bits a byte, the lowest first; a negative number takes ten. */
function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}
