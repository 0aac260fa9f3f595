import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { flatten, initialise, linear, namedStates, record, sequential } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import { ensemble } from "./ensemble.ts";
import type { Model } from "./model.ts";

function member(classes = 2): Model {
  const module = sequential({ flatten: flatten(), fc: linear(4, classes) });
  return { name: "Member", module, inputShape: [1, 2, 2], classes };
}

test("logits are the weighted mean of the members', whose names stand before their weights'", async () => {
  const members = [member(), member()];
  const together = ensemble(members, [3, 1]);
  expect([...namedStates(together.module).keys()]).toEqual(["0.fc.weight", "0.fc.bias", "1.fc.weight", "1.fc.bias"]);
  const engine = referenceEngine();
  for (const [tensor, values] of initialise(together.module, torchRandom(1))) await engine.write(tensor, values);
  const images = input("images", [1, 1, 2, 2]);
  const logits = ({ module }: Model) => record(module, images, { training: false }).output;
  const outputs = { a: logits(members[0]!), b: logits(members[1]!), mean: logits(together) };
  const { a, b, mean } = await (
    await engine.compile({ outputs, updates: [] })
  ).run({ images: Float32Array.of(1, 2, 3, 4) });
  for (const c of [0, 1]) expect(mean![c]).toBeCloseTo(0.75 * a![c]! + 0.25 * b![c]!, 6);
});

test("members that do not fit, or weights that are not theirs, are refused", () => {
  expect(() => ensemble([])).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  expect(() => ensemble([member()], [1, 2])).toThrow(/1 members and the weights 1, 2/);
  for (const weights of [
    [1, 0],
    [1e308, 1e308],
    [1, Number.NaN],
  ]) {
    expect(() => ensemble([member(), member()], weights)).toThrow(/positive weight/);
  }
  expect(() => ensemble([member(2), member(3)])).toThrow(/2 classes and Member with images \[1, 2, 2\] and 3 classes/);
});
