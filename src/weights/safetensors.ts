/** @file The safetensors format, written: tensors by name in one file. https://huggingface.co/docs/safetensors */
import { LimbeckError } from "../errors.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/index.ts";
import { METADATA_KEY, writeHeader } from "./header.ts";

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
