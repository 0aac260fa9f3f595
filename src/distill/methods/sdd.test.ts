/** @file Parts of an image: which maps are cut, what a classifier makes of the parts, and how a part counts. */
import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { createModel } from "../../models/index.ts";
import { initialise, namedParameters } from "../../nn/index.ts";
import { torchRandom } from "../../random/index.ts";
import { gradientsOrNull, input, mean, square, type Tensor } from "../../tensor/index.ts";
import { observe, probe } from "../observe.ts";
import { averagedMap, regionLogits } from "../losses/regions.ts";
import { scaleDecoupledLoss } from "./sdd.ts";

/** The loss of one image of class 0 with a whole and two parts, by its teacher's logits of these three. */
async function lossOf(teacher: readonly (readonly number[])[]): Promise<number> {
  const [s, t, y] = [input("s", [1, 3, 2]), input("t", [1, 3, 2]), input("y", [1], "int32")];
  const loss = scaleDecoupledLoss(s, t, y, { temperature: 1, complementary: 2 });
  const program = await referenceEngine({ precision: "float64" }).compile({ outputs: { loss }, updates: [] });
  const student = [0, 0, 0, 0, 0, 0];
  const outputs = await program.run({
    s: Float32Array.from(student),
    t: Float32Array.from(teacher.flat()),
    y: Int32Array.of(0),
  });
  return outputs["loss"]![0]!;
}

test("a part counts twice where it is right and the whole is wrong, or the other way about; once where both are right or both wrong", async () => {
  const [right, wrong] = [
    [1, 0],
    [0, 1],
  ];
  // Each has the same divergence from the student, which is as sure of either class.
  const once = await lossOf([right, right, right]);
  expect(once).toBeGreaterThan(0.05);
  expect(await lossOf([wrong, wrong, wrong])).toBeCloseTo(once, 7);
  expect(await lossOf([right, wrong, right])).toBeCloseTo((once * 4) / 3, 7);
  expect(await lossOf([wrong, right, right])).toBeCloseTo((once * 5) / 3, 7);
});

test("the maps whose means a classifier sees are found in networks that end in an average, and in no others", () => {
  const mapOf = (name: string): readonly number[] | undefined => {
    const model = createModel(name);
    return averagedMap(observe(model, probe(model), false).embedding)?.shape;
  };
  expect(mapOf("resnet8")).toEqual([1, 64, 8, 8]);
  expect(mapOf("wrn_16_1")).toEqual([1, 64, 8, 8]);
  expect(mapOf("vgg8")).toEqual([1, 512, 4, 4]);
  expect(mapOf("MobileNetV2")).toEqual([1, 1280, 2, 2]);
  expect(mapOf("ShuffleV1")?.slice(2)).toEqual([4, 4]);
  expect(mapOf("LightNN")).toBeUndefined();
  expect(mapOf("DeepNN")).toBeUndefined();
  const summed = mean(input("maps", [1, 4, 2, 2]), { axes: [2, 3] });
  expect(averagedMap(summed)?.shape).toEqual([1, 4, 2, 2]);
  expect(averagedMap(square(summed))).toBeUndefined();
});

test("the whole image's logits are the network's own, and those of its parts have them as their mean; the classifier learns from both", async () => {
  const model = createModel("resnet8");
  const network = observe(model, input("images", [2, 3, 32, 32]), false);
  const regions = regionLogits("sdd", "student", network, [1, 2]);
  expect(regions.shape).toEqual([2, 5, 10]);
  const weight = namedParameters(model.module).get("fc.weight")!.tensor;
  expect(gradientsOrNull(mean(square(regions)), [weight])[0]).not.toBeNull();
  const engine = referenceEngine({ precision: "float64" });
  for (const [tensor, values] of initialise(model.module, torchRandom(3))) await engine.write(tensor, values);
  const program = await engine.compile({ outputs: { regions, logits: network.logits }, updates: [] });
  const outputs = await program.run({ images: torchRandom(4).normal(2 * 3072, 0, 1) });
  const [all, own] = [outputs["regions"]!, outputs["logits"]!];
  for (let image = 0; image < 2; image++) {
    for (let c = 0; c < 10; c++) {
      const at = (region: number): number => all[(image * 5 + region) * 10 + c]!;
      expect(at(0)).toBeCloseTo(own[image * 10 + c]!, 5);
      expect((at(1) + at(2) + at(3) + at(4)) / 4).toBeCloseTo(own[image * 10 + c]!, 5);
    }
  }
});

test("a network without such maps is refused by name; parts need not be of equal size, nor larger than a place of the map", () => {
  const cut = (name: string, scale: number): Tensor => {
    const model = createModel(name);
    return regionLogits("sdd", "student", observe(model, probe(model), false), [1, scale]);
  };
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: "SHAPE", message: expect.stringMatching(message) });
  expect(() => cut("LightNN", 2)).toThrow(refused(/^sdd: the student's classifier.*classifier\.1, \[256\].*; choose/));
  expect(cut("resnet8", 3).shape).toEqual([1, 10, 10]);
  expect(cut("MobileNetV2", 4).shape).toEqual([1, 17, 10]);
});
