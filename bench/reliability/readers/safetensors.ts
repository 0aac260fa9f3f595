/** @file Attacks `readSafetensors`. */
import { readFileSync } from "node:fs";
import type { Stream } from "../../../src/data/stream.ts";
import { readSafetensors, writeSafetensors, type StoredTensor } from "../../../src/weights/index.ts";
import { mutateBytes, mutateJson, pick } from "../mutate.ts";
import { sameBytes, type Target } from "./target.ts";

const small = new Map<string, StoredTensor>([
  ["features.0.weight", { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, Number.NaN, Infinity, 1e-40) }],
  ["features.0.bias", { shape: [2], values: Float32Array.of(7, 8) }],
  ["count", { shape: [], values: Float32Array.of(1) }],
  ["nothing", { shape: [0, 4], values: new Float32Array() }],
]);

const valid: readonly Uint8Array[] = [
  writeSafetensors(small, { format: "pt" }),
  writeSafetensors(new Map()),
  new Uint8Array(readFileSync(new URL("../../../src/weights/types.golden.safetensors", import.meta.url))),
];

export const safetensorsTarget: Target = {
  name: "safetensors",
  share: 40,
  attempt(random) {
    const file = pick(random, valid);
    return differenceOf(pick(random, [mutateBytes, withHeader, withOffsets])(file, random));
  },
};

/** The file with a changed header, whose length is right in most of them. */
export function withHeader(file: Uint8Array, random: Stream): Uint8Array {
  const { header, numbers } = partsOf(file);
  return joined(mutateJson(header, random), numbers, random.below(10) === 0 ? random.below(9) - 4 : 0);
}

/** The file with one tensor elsewhere in it, over another or behind a gap, and as long as that needs. */
function withOffsets(file: Uint8Array, random: Stream): Uint8Array {
  const { header, numbers } = partsOf(file);
  const entries = Object.values(header).filter((each): each is Entry => "data_offsets" in (each as object));
  if (entries.length === 0) return file;
  const moved = pick(random, entries);
  const by = 4 * (random.below(7) - 3);
  moved.data_offsets = [moved.data_offsets[0] + by, moved.data_offsets[1] + by];
  const end = Math.max(0, ...entries.map(({ data_offsets }) => data_offsets[1]));
  return joined(JSON.stringify(header), Buffer.concat([numbers, new Uint8Array(64)]).subarray(0, end));
}

function partsOf(file: Uint8Array): { readonly header: Record<string, unknown>; readonly numbers: Uint8Array } {
  const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Record<string, unknown>;
  return { header, numbers: file.subarray(start) };
}

/** `wrongBy` is what the header's length is off by. */
function joined(header: string, numbers: Uint8Array, wrongBy = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = Buffer.concat([new Uint8Array(8), text, numbers]);
  file.writeBigUInt64LE(BigInt(Math.max(0, text.length + wrongBy)), 0);
  return file;
}

/** What was read, compared with what the bytes say. Throws as `readSafetensors`. */
export function differenceOf(bytes: Uint8Array): string | undefined {
  const { tensors, metadata } = readSafetensors(bytes);
  const { header, numbers } = partsOf(bytes);
  const { __metadata__ = {}, ...entries } = header as Record<string, Entry>;
  if (JSON.stringify(metadata) !== JSON.stringify(__metadata__)) return "other metadata";
  const names = Object.keys(entries);
  if (names.length !== tensors.size) return `${tensors.size} tensors, the header has ${names.length}`;
  let filled = 0;
  for (const name of names) {
    const [tensor, entry] = [tensors.get(name), entries[name]!];
    if (!tensor) return `${name} is missing`;
    const count = entry.shape.reduce((product, size) => product * size, 1);
    if (String(tensor.shape) !== String(entry.shape) || tensor.values.length !== count)
      return `${name} has another size`;
    const [begin, end] = entry.data_offsets;
    const stored = numbers.subarray(begin, end);
    filled += end - begin;
    const read = new Uint8Array(tensor.values.buffer, tensor.values.byteOffset, tensor.values.byteLength);
    if (entry.dtype === "F32" && !sameBytes(read, stored)) return `${name} has other values`;
  }
  if (filled !== numbers.length) return `${numbers.length} bytes of numbers for tensors of ${filled}`;
  return undefined;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  data_offsets: readonly [number, number];
}
