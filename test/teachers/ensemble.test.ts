/** @file Several teachers as one, and a teacher's network beside a student. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createModel, wasmEngine, type WasmEngine } from "../../src/entries/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import {
  networkTeacher,
  normalised,
  computedOutputs,
  renormalised,
  ensembleOutputs,
  wantedOfMember,
  type Preprocessing,
  type TeacherOutputs,
} from "../../src/teachers/index.ts";
import { input } from "../../src/tensor/index.ts";
import { observe } from "../../src/train/index.ts";

let engine: WasmEngine;
beforeAll(async () => void (engine = await wasmEngine({ threads: 1 })));
afterAll(() => engine.close());

const given = (name: string, logits: readonly number[], classes = 2): TeacherOutputs => ({
  name,
  count: logits.length / classes,
  shapes: new Map([
    ["logits", [classes]],
    ["place", [1]],
  ]),
  read: async (from, to, wanted) =>
    Object.fromEntries(
      wanted.map((path) => [
        path,
        path === "place"
          ? Float32Array.from({ length: to - from }, () => name.length)
          : Float32Array.from(logits.slice(from * classes, to * classes)),
      ]),
    ),
});

test("teachers together: the weighted mean of their logits, other outputs by their numbers", async () => {
  const both = ensembleOutputs([given("a", [0, 1, 2, 3]), given("bc", [4, 5, 6, 7])], [3, 1]);
  expect([both.name, both.count, [...both.shapes.keys()]]).toEqual(["a + bc", 2, ["logits", "0.place", "1.place"]]);
  const read = await both.read(1, 2, ["logits", "1.place"]);
  expect(read).toEqual({ logits: Float32Array.of(3, 4), "1.place": Float32Array.of(2) });
  expect(wantedOfMember(["logits", "10.a", "1.a.b"], 1)).toEqual(["logits", "a.b"]);
  expect(ensembleOutputs([given("a", [0, 1])]).name).toBe("a");
});

test.each([
  [
    [given("a", [0, 1]), given("b", [0, 1, 2, 3])],
    undefined,
    "a with 2 classes of 1 images and b with 2 classes of 2 images",
  ],
  [[given("a", [0, 1]), given("b", [0, 1, 2], 3)], undefined, "teacherLabels"],
  [[], undefined, "a teacher or more"],
  [[given("a", [0, 1])], [0], "a positive weight"],
  [[given("a", [0, 1])], [1, 1], "a positive weight for each"],
])("others are refused", (members, weights, message) => {
  expect(() => ensembleOutputs(members, weights)).toThrow(message);
});

describe("a network beside a student gives of the student's images what the teacher gives of its own", () => {
  const dataset = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] };
  const plain: Preprocessing = {
    inputShape: [3, 16, 16],
    resize: 16,
    interpolation: "bilinear",
    range: 1,
    mean: [0.1, 0.2, 0.3],
    std: [0.5, 0.4, 0.3],
    channelOrder: "RGB",
  };

  test.each<[string, Partial<Preprocessing>, readonly number[] | undefined]>([
    ["other means", {}, undefined],
    ["pixels to 255", { range: 255, mean: [100, 110, 120], std: [50, 60, 70] }, undefined],
    ["blue first", { channelOrder: "BGR" }, undefined],
    ["some of its logits", {}, [5, 6, 7, 0, 9]],
  ])("%s", async (_, how, columns) => {
    const preprocessing = { ...plain, ...how };
    const model = createModel("resnet8", { classes: 10, inputShape: [3, 16, 16] });
    for (const [state, values] of initialise(model.module, torchRandom(3))) await engine.write(state, values);
    const teacher = await networkTeacher({ engine, model, preprocessing, identity: "x" });
    const pixels = Uint8Array.from({ length: 2 * 3 * 256 }, (_, i) => (i * 37 + (i >> 4)) % 256);
    const expected = await computedOutputs(teacher, {
      count: 2,
      image: async (i) => pixels.subarray(i * 768, (i + 1) * 768),
    }).read(0, 2, ["logits", "layer2"]);
    const seeing = renormalised(model, preprocessing, { ...dataset, columns });
    for (const [state, values] of seeing.values) await engine.write(state, values);
    const seen = observe(seeing.model, input("images", [2, 3, 16, 16]), false);
    const program = await engine.compile({
      outputs: { logits: seen.logits, stage: seen.stage("layer2").output },
      updates: [],
    });
    const images = normalised(pixels, 2, { ...plain, ...dataset });
    const got = await program.run({ images });
    const chosen = columns ?? Array.from({ length: 10 }, (_, i) => i);
    for (const [i, value] of got["logits"]!.entries()) {
      const [row, column] = [Math.floor(i / chosen.length), i % chosen.length];
      expect(value).toBeCloseTo(expected["logits"]![row * 10 + chosen[column]!]!, 3);
    }
    for (const [i, value] of got["stage"]!.entries()) expect(value).toBeCloseTo(expected["layer2"]![i]!, 3);
    expect(seeing.model.features!.map(({ output }) => output)).toEqual(
      model.features!.map(({ output }) => `network.${output}`),
    );
    program.close();
    await teacher.close();
  });
});
