import { expect, test } from "vitest";
import { createModel } from "../models/index.ts";
import { initialise, namedStates } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { modelTensors, startingValues } from "./index.ts";

const head = (): string => "fc";
const model = createModel("resnet8", { classes: 4 });
const names = [...namedStates(model.module).keys()];

/** A file's tensors of a resnet8 with so many classes. */
function fileOf(classes: number, prefix = "") {
  const saved = createModel("resnet8", { classes });
  const tensors = modelTensors(saved, initialise(saved.module, torchRandom(5)));
  return new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor] as const));
}

function start(classes: number, options: { readonly isOtherHead?: boolean; readonly prefix?: string } = {}) {
  const { prefix = "", ...rest } = options;
  const file = fileOf(classes, prefix);
  const { values, taken, ...found } = startingValues(model, file, { head, ...rest });
  const states = [...namedStates(model.module)];
  for (const [name, tensor] of states) {
    const value = values.get(tensor);
    if (value) expect(value).toBe(file.get(prefix + name)!.values);
  }
  expect(taken).toBe(values.size);
  return { ...found, taken: states.flatMap(([name, tensor]) => (values.has(tensor) ? [name] : [])) };
}

test("all of them, where the file's network tells as many classes", () => {
  expect(start(4)).toEqual({ taken: names, drawn: [], prefix: "" });
});

test.each([3, 1000])("all but the head, where it tells %i", (classes) => {
  const rest = names.filter((name) => !name.startsWith("fc."));
  const found = { taken: rest, drawn: ["fc.weight", "fc.bias"] };
  expect(start(classes)).toEqual({ ...found, prefix: "" });
  expect(start(classes, { prefix: "module." })).toEqual({ ...found, prefix: "module." });
});

test("all but the head, where as many classes are others", () => {
  expect(start(4, { isOtherHead: true })).toMatchObject({ drawn: ["fc.weight", "fc.bias"] });
});

test("what does not fit elsewhere, is missing or left over is an error", () => {
  const refused = (file: ReturnType<typeof fileOf>, message: RegExp): void =>
    expect(() => startingValues(model, file, { head, source: "big.safetensors" })).toThrow(
      expect.objectContaining({ code: "WEIGHTS", message: expect.stringMatching(message) }),
    );
  const left = fileOf(7);
  left.set("extra", { shape: [1], values: new Float32Array(1) });
  refused(left, /big\.safetensors .*\n {2}unexpected: extra \[1\]\n/);
  const missing = fileOf(7);
  missing.delete("bn1.weight");
  refused(missing, /\n {2}missing: bn1\.weight \[16\]\n/);
  const wide = createModel("resnet8x4", { classes: 7 });
  refused(
    modelTensors(wide, initialise(wide.module, torchRandom(5))),
    /all but the head, fc, but conv1\.weight should be \[16, 3, 3, 3\]/,
  );
  const deep = fileOf(7);
  deep.set("fc.weight", { shape: [7, 65], values: new Float32Array(7 * 65) });
  refused(deep, /fc\.weight should be \[4, 64\], got \[7, 65\]/);
});
