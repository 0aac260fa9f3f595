import { expect, test } from "vitest";
import { Heap, type Block } from "./heap.ts";

const mebibyte = 2 ** 20;

function overlap(a: Block, b: Block): boolean {
  return a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

test("blocks are aligned, apart from each other, inside the memory, and zero even where they were used before", () => {
  const heap = new Heap(true);
  const held: Block[] = [];
  let seed = 1;
  for (let i = 0; i < 500; i++) {
    seed = (seed * 48271) % 2147483647;
    if (seed % 3 === 0 && held.length > 0) {
      heap.free(held.splice(seed % held.length, 1)[0]!);
      continue;
    }
    const block = heap.allocate(1 + (seed % 100_000));
    expect(block.address % 64).toBe(0);
    expect(held.some((other) => overlap(block, other))).toBe(false);
    const bytes = new Uint8Array(heap.memory.buffer, block.address, block.bytes);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    bytes.fill(255);
    held.push(block);
  }
});

test("a vector that begins with the last number of all can be read", () => {
  const heap = new Heap(false);
  const { address } = heap.allocate(64);
  const last = heap.allocate(heap.bytes - address - 64);
  const at = last.address + last.bytes - 4;
  expect(new Float32Array(heap.memory.buffer, at, 4)).toEqual(new Float32Array(4));
});

test("freed neighbours join, so that memory does not grow by coming and going", () => {
  const heap = new Heap(false);
  const parts = [heap.allocate(60_000), heap.allocate(60_000), heap.allocate(60_000)];
  const size = heap.memory.buffer.byteLength;
  for (const index of [1, 0, 2]) heap.free(parts[index]!);
  expect(heap.allocate(180_000).address).toBe(parts[0]!.address);
  expect(heap.memory.buffer.byteLength).toBe(size);
});

test("more than there can be is an error that says how much was needed of how much", () => {
  const heap = new Heap(false);
  expect(() => heap.allocate(2 ** 33)).toThrowError(
    expect.objectContaining({ code: "ENGINE", message: expect.stringMatching(/needs 8193 MiB of the 4096 MiB/) }),
  );
});

test("more than the system has is an error before it is taken, and what nobody has written to yet counts", () => {
  let available = 100 * mebibyte;
  const heap = new Heap(false, () => available);
  heap.allocate(60 * mebibyte);
  const refused = expect.objectContaining({
    code: "ENGINE",
    message: expect.stringMatching(/needs 12[01] MiB more, and 100 MiB are available; take a smaller batch/),
  });
  expect(() => heap.allocate(60 * mebibyte)).toThrowError(refused);
  heap.touched();
  available = 40 * mebibyte;
  expect(() => heap.allocate(60 * mebibyte)).toThrowError(/needs 60 MiB more, and 40 MiB are available/);
  expect(heap.allocate(30 * mebibyte).bytes).toBe(30 * mebibyte);
});

test("of blocks that do not all fit, none is taken", () => {
  const heap = new Heap(false, () => 50 * mebibyte);
  const used = heap.allocate(mebibyte);
  heap.free(used);
  const size = heap.bytes;
  expect(() => heap.allocateAll([mebibyte, 10 * mebibyte, 60 * mebibyte])).toThrowError(/available/);
  expect(heap.bytes).toBe(size);
  expect(heap.allocateAll([mebibyte, 10 * mebibyte])).toEqual([
    used,
    { address: used.address + mebibyte, bytes: 10 * mebibyte },
  ]);
});

test("what is left is what the system can give, less what it still counts as given, and what was taken back", () => {
  const heap = new Heap(false, () => 100 * 2 ** 20);
  expect(heap.left).toBe(100 * 2 ** 20);
  const block = heap.allocate(20 * 2 ** 20);
  expect(heap.left).toBeGreaterThan(79 * 2 ** 20);
  expect(heap.left).toBeLessThanOrEqual(80 * 2 ** 20);
  heap.free(block);
  expect(heap.left).toBeLessThanOrEqual(100 * 2 ** 20);
  expect(heap.left).toBeGreaterThan(99 * 2 ** 20);
  const full = new Heap(false, () => 0);
  expect(full.left).toBe(0);
});

test("a memory reserves no more addresses than it may", () => {
  expect(new Heap(true, undefined, 2 ** 28).maximumPages * 65536).toBe(2 ** 28);
  expect(new Heap(true, undefined, 2 ** 28 - 1).maximumPages * 65536).toBe(2 ** 27);
  expect(() => new Heap(true, undefined, 2 ** 20)).toThrow(expect.objectContaining({ code: "ENGINE" }));
});
