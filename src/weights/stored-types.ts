/** @file The number formats that a safetensors file may hold. */

/** A number format: its size, and its numbers as float32 from a buffer that holds nothing else. */
export interface StoredType {
  readonly bytes: number;
  decode(buffer: ArrayBuffer): Float32Array;
}

/** Formats that are read, by their names in a file. Numbers that float32 does not have are rounded to the nearest. */
export const storedTypes = {
  F32: { bytes: 4, decode: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalf) },
  BF16: { bytes: 2, decode: fromBfloat16 },
  F64: { bytes: 8, decode: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  I32: { bytes: 4, decode: (buffer) => Float32Array.from(new Int32Array(buffer)) },
  I64: { bytes: 8, decode: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) },
} as const satisfies Record<string, StoredType>;

export type StoredTypeName = keyof typeof storedTypes;

/** IEEE binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function fromBfloat16(buffer: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
}
