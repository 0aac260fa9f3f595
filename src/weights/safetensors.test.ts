import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LimbeckError } from "../errors.ts";
import { torchRandom } from "../random/index.ts";
import { readSafetensors, writeSafetensors } from "./index.ts";
import golden from "./types.golden.json" with { type: "json" };

const official = readFileSync(new URL("types.golden.safetensors", import.meta.url));

describe("a file of the official library, a tensor of each type", () => {
  const { tensors, metadata } = readSafetensors(official);

  test.each(Object.entries(golden))("%s", (name, { shape, values }) => {
    const numbers = values.map((text) => (text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text)));
    expect(tensors.get(name)!.shape).toEqual(shape);
    expect([...tensors.get(name)!.values]).toEqual(numbers);
  });

  test("nothing else, and the metadata", () => {
    expect([...tensors.keys()].sort()).toEqual(Object.keys(golden).sort());
    expect(metadata).toEqual({ "made by": "safetensors" });
  });
});

describe("what is written", () => {
  const tensors = new Map([
    ["2", { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, Number.NaN, Infinity, 1e-40) }],
    ["a.weight", { shape: [], values: Float32Array.of(7) }],
    ["1", { shape: [0, 4], values: new Float32Array() }],
    ["__proto__", { shape: [1], values: Float32Array.of(8) }],
    ["ümlaut\n", { shape: [3], values: new Float32Array(10).fill(9).subarray(4, 7) }],
  ]);

  test("is read back the same, and again", () => {
    const metadata = Object.fromEntries([
      ["format", "pt"],
      ["__proto__", "kept"],
    ]);
    const file = writeSafetensors(tensors, metadata);
    const back = readSafetensors(file);
    expect(new Map(back.tensors)).toEqual(tensors);
    expect(Object.entries(back.metadata)).toEqual([
      ["format", "pt"],
      ["__proto__", "kept"],
    ]);
    expect(writeSafetensors(tensors, metadata)).toEqual(file);
  });

  test("has its numbers aligned to eight bytes", () => {
    for (const length of Array.from({ length: 8 }).keys()) {
      const file = writeSafetensors(new Map([["x".repeat(length + 1), { shape: [1], values: Float32Array.of(1) }]]));
      expect(file.length % 8).toBe(4);
    }
  });

  test("may be nothing at all", () => expect(readSafetensors(writeSafetensors(new Map())).tensors.size).toBe(0));

  test("is refused where shape and values differ, or under the metadata's name", () => {
    const write = (name: string, shape: number[]) => () =>
      writeSafetensors(new Map([[name, { shape, values: Float32Array.of(1) }]]));
    expect(write("x", [0.5, 2])).toThrow("tensor x should have whole sizes of 0 or more, got [0.5, 2]");
    expect(write("x", [-1, -1])).toThrow("whole sizes");
    expect(write("x", [2])).toThrow("tensor x of shape [2] should have 2 values, got 1");
    expect(write("__metadata__", [1])).toThrow(/cannot be named __metadata__/);
  });
});

describe("a damaged file", () => {
  const one = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /at least 8 bytes, got 0/],
    ["a header of a petabyte", Uint8Array.of(0, 0, 0, 0, 0, 0, 4, 0, 1), /at most 100000000, got/],
    ["a header that ends after the file", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123), /should end at byte 17.*at 9/],
    ["no JSON", file("nonsense", 0), /JSON in UTF-8/],
    ["a list", file("[]", 0), /should be a JSON object/],
    ["null", file("null", 0), /should be a JSON object/],
    ["text that is no UTF-8", Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff, 0x22), /UTF-8/],
    ["an entry without offsets", file({ x: { dtype: "F32", shape: [2] } }, 8), /tensor x in the header: data_offsets/],
    ["an entry with more", file({ x: { ...one, more: 1 } }, 8), /tensor x in the header/],
    ["an unknown type", file({ x: { ...one, dtype: "F8_E5M2" } }, 8), /one of F32, F16.*got F8_E5M2; save it as F32/],
    ["the type toString", file({ x: { ...one, dtype: "toString" } }, 8), /got toString/],
    ["a negative size", file({ x: { ...one, shape: [-2] } }, 8), /tensor x in the header: shape: 0/],
    ["a size that overflows", file({ x: { ...one, shape: Array(40).fill(2 ** 53 - 1) } }, 8), /should take/],
    [
      "a size that is Infinity times zero",
      file({ x: { ...one, shape: [...Array(40).fill(2 ** 53 - 1), 0] } }, 8),
      /take/,
    ],
    ["fewer bytes than the shape", file({ x: { ...one, data_offsets: [0, 4] } }, 4), /should take 8 bytes, got 4/],
    ["offsets the wrong way around", file({ x: { ...one, data_offsets: [8, 0] } }, 8), /should take 8 bytes, got -8/],
    ["a gap", file({ x: one, y: { ...one, data_offsets: [12, 20] } }, 20), /y should start at byte 8 .* got 12/],
    ["an overlap", file({ x: one, y: { ...one, data_offsets: [4, 12] } }, 12), /y should start at byte 8 .* got 4/],
    ["numbers cut short", file({ x: one }, 7), /should be \d+ bytes long by its header, got/],
    ["bytes after the end", file({ x: one }, 9), /should be \d+ bytes long by its header, got/],
    [
      "a key twice",
      file('{"x":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}', 8),
      /a key is there twice/,
    ],
    ["a tensor twice", file(`{"x":${JSON.stringify(one)},"x":${JSON.stringify(one)}}`, 8), /a key is there twice/],
    ["brackets without end", file("[".repeat(1e6), 0), /nested more than 3 deep/],
    ["a byte order mark", file(`\uFEFF{"x":${JSON.stringify(one)}}`, 8), /JSON in UTF-8/],
    ["a name as long as the file", file({ ["x".repeat(1e6)]: 1 }, 0), /^.{900,1100}\.\.\.$/],
    [
      "metadata that is a list",
      file({ __metadata__: [], x: one }, 8),
      /__metadata__ in the header should be an object/,
    ],
    ["metadata that is no text", file({ __metadata__: { epoch: 3 }, x: one }, 8), /__metadata__ in the header: epoch/],
  ])("%s", (_, bytes, message) => {
    const read = () => readSafetensors(bytes, "teacher.safetensors");
    expect(read).toThrow(message);
    expect(read).toThrow(/^teacher.safetensors: /);
    expect(read).toThrow(expect.objectContaining({ code: "WEIGHTS" }));
  });

  test("cut anywhere, it is refused", () => {
    for (let length = 0; length < official.length; length++) {
      expect(() => readSafetensors(official.subarray(0, length))).toThrow(LimbeckError);
    }
  });

  test("changed anyhow, it is refused or read whole", () => {
    const random = torchRandom(11);
    const headerEnd = 8 + Number(official.readBigUint64LE(0));
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from(official);
      for (const at of random.randint(1 + (round % 3), 0, headerEnd)) bytes[at] = random.randint(1, 0, 256)[0]!;
      try {
        for (const { shape, values } of readSafetensors(bytes).tensors.values()) {
          expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
        }
      } catch (error) {
        expect(error).toMatchObject({ code: "WEIGHTS" });
        refused++;
      }
    }
    // Changes inside names and between equally sized types leave a valid file; most others do not.
    expect(refused).toBeGreaterThan(1000);
    expect(refused).toBeLessThan(2000);
  });
});

/** A file with this header, its own bytes if it is text, followed by `numbers` zero bytes. */
function file(header: unknown, numbers: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + numbers);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
