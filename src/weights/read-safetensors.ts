/** @file The safetensors format, read. NOTE: in a file of its own, so that a page which only trains has none of it. */
import { readHeader } from "./read-header.ts";
import type { StoredTensor } from "./safetensors.ts";
import { storedTypes } from "./stored-types.ts";

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
  const { entries, metadata } = readHeader(bytes, source);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // NOTE: not bytes.slice(), which for Node's Buffer is a view of a larger buffer and no copy.
    const { buffer } = new Uint8Array(bytes.subarray(begin, end));
    tensors.set(name, { shape, values: storedTypes[dtype].decode(buffer) });
  }
  return { tensors, metadata };
}
