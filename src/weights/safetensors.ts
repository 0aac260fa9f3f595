/** @file The safetensors format: tensors by name in one file. https://huggingface.co/docs/safetensors */
import {
  aMap,
  anObject,
  aNumber,
  aString,
  bytes as someBytes,
  checkArguments,
  floats,
  having,
  listOf,
  type Kind,
} from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/index.ts";
import { METADATA_KEY, readHeader, storedTypes, writeHeader } from "./header.ts";

/** Numbers in row-major order, and their shape; `[]` is a single number. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** For `checkArguments`. */
export const aStoredTensor: Kind = having("an object", { shape: listOf(aNumber), values: floats });

/** What a file holds: tensors by name, in the order of their bytes, and free text by key. */
export interface StoredTensors {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file of F32, F16, BF16, F64, I32 or I64 tensors, each as float32. `source` names the file in messages.
 *
 * Throws WEIGHTS for bytes that are not a whole safetensors file, or hold another type.
 */
export function readSafetensors(bytes: Uint8Array, source = "weights"): StoredTensors {
  checkArguments("readSafetensors", { bytes: [bytes, someBytes], source: [source, aString] });
  const { entries, metadata } = readHeader(bytes, source);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // NOTE: not bytes.slice(), which for Node's Buffer is a view of a larger buffer and no copy.
    const { buffer } = new Uint8Array(bytes.subarray(begin, end));
    tensors.set(name, { shape, values: storedTypes[dtype].decode(buffer) });
  }
  return { tensors, metadata };
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
  checkArguments("writeSafetensors", { tensors: [tensors, aMap], metadata: [metadata, anObject] });
  checkArguments("writeSafetensors", {
    "every name": [[...tensors.keys()], listOf(aString)],
    "every tensor": [[...tensors.values()], listOf(aStoredTensor)],
    "all metadata": [Object.values(metadata), listOf(aString)],
  });
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
