/** @file The safetensors format, written: tensors by name in one file. https://huggingface.co/docs/safetensors */
import { LimbeckError } from "../errors.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/index.ts";

/** Numbers in row-major order, and their shape; `[]` is a single number. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/**
 * The bytes of a file that holds these tensors as F32, in their order. The same tensors give the same bytes.
 *
 * Throws ARGUMENT for a shape that does not fit its values, or a tensor named `__metadata__`.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  let bytes = 0;
  for (const [name, { shape, values }] of tensors) {
    checkTensor(name, shape, values);
    bytes += values.byteLength;
  }
  const header = writeHeader(new Map([...tensors].map(([name, { shape }]) => [name, shape])), metadata);
  const file = new Uint8Array(header.length + bytes);
  file.set(header);
  let at = header.length;
  for (const { values } of tensors.values()) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

function checkTensor(name: string, shape: Shape, values: Float32Array): void {
  if (name === METADATA_KEY) throw new LimbeckError("ARGUMENT", `a tensor cannot be named ${METADATA_KEY}`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new LimbeckError(
      "ARGUMENT",
      `tensor ${name} should have whole sizes of 0 or more, got ${formatShape(shape)}`,
    );
  }
  if (values.length !== sizeOf(shape)) {
    throw new LimbeckError(
      "ARGUMENT",
      `tensor ${name} of shape ${formatShape(shape)} should have ${sizeOf(shape)} values, got ${values.length}`,
    );
  }
}

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
