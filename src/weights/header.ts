/** @file The header of a safetensors file, written. */
import { sizeOf, type Shape } from "../tensor/index.ts";

/** The length of a header, as an unsigned 64-bit number, comes first. */
export const LENGTH_BYTES = 8;
/** The key of the metadata; no tensor can have that name. */
export const METADATA_KEY = "__metadata__";
/** Of a number, which is written as F32. */
export const NUMBER_BYTES = 4;

/** The bytes before the numbers of a file that holds F32 tensors of these shapes, one behind the other in their order. */
export function writeHeader(
  shapes: ReadonlyMap<string, Shape>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA_KEY, metadata]] : [];
  let end = 0;
  for (const [name, shape] of shapes) {
    entries.push([name, { dtype: "F32", shape, data_offsets: [end, (end += sizeOf(shape) * NUMBER_BYTES)] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces after the header keep the numbers aligned to 8 bytes, as the format asks.
  const start = Math.ceil((LENGTH_BYTES + text.length) / 8) * 8;
  const header = new Uint8Array(start).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  header.set(text, LENGTH_BYTES);
  return header;
}
