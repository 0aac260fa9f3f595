/** @file Graphs that move the images of a batch between other axes, as attention does: imported, each image's logits are what ONNX Runtime gives, in a batch of any size. */
import { expect, test } from "vitest";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { importOnnx } from "../../src/entries/index.ts";
import { record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";
import { runtimeLogits } from "../ship/written.ts";
import { onnxFile, type Attributes, type NodeDraft, type TensorDraft } from "./onnx-file.ts";

const random = torchRandom(5);
const below = (count: number): number => Math.floor(random.uniform(1, 0, count)[0]!);
const one = <Kind>(list: readonly [Kind, ...Kind[]]): Kind => list[below(list.length)] ?? list[0];
const shuffled = (count: number): number[] => [...random.permutation(count)];

/** A graph that grows by one node after another. `images` is the axis that the images are along, in the file two of them. */
class Draft {
  readonly nodes: NodeDraft[] = [];
  readonly constants: Record<string, TensorDraft> = {};
  readonly image: readonly [number, number, number];
  shape: number[];
  images = 0;
  value = "images";
  /** Axes that the images were along. */
  readonly places = new Set<number>();

  constructor(image: readonly [number, number, number]) {
    this.image = image;
    this.shape = [2, ...image];
  }

  node(op: string, constants: readonly TensorDraft[], attributes: Attributes = {}): void {
    const names = constants.map((tensor) => this.#constant(tensor));
    const output = `v${this.nodes.length}`;
    this.nodes.push([op, [this.value, ...names], [output], attributes]);
    this.value = output;
    this.places.add(this.images);
  }

  transpose(perm: readonly number[]): void {
    this.node("Transpose", [], { perm });
    this.shape = perm.map((axis) => this.shape[axis]!);
    this.images = perm.indexOf(this.images);
  }

  reshape(shape: readonly number[], images: number): void {
    this.node("Reshape", [ints(...shape)]);
    this.shape = [...shape];
    this.images = images;
  }

  /** An axis that has no images. */
  other(): number {
    return one(this.shape.flatMap((_, axis) => (axis === this.images ? [] : [axis])) as [number, ...number[]]);
  }

  #constant(tensor: TensorDraft): string {
    const name = `c${Object.keys(this.constants).length}`;
    this.constants[name] = tensor;
    return name;
  }
}

const ints = (...values: number[]): TensorDraft => ({ dims: [values.length], values, type: 7 });
const floats = (...dims: number[]): TensorDraft => ({
  dims,
  values: [
    ...random.normal(
      dims.reduce((a, b) => a * b, 1),
      0,
      1,
    ),
  ],
});

const steps: readonly ((draft: Draft) => void)[] = [
  (draft) => draft.transpose(shuffled(draft.shape.length)),
  (draft) => draft.transpose(shuffled(draft.shape.length)),
  (draft) => draft.node("Softplus", []),
  (draft) =>
    draft.node("Add", [floats(...draft.shape.map((size, axis) => (axis === draft.images ? 1 : one([1, size]))))]),
  (draft) => {
    if (draft.images === draft.shape.length - 1) return;
    draft.node("Softmax", [], { axis: -1 });
  },
  (draft) => {
    if (draft.images === draft.shape.length - 1) return;
    const outputs = 1 + below(4);
    draft.node("MatMul", [floats(draft.shape.at(-1)!, outputs)]);
    draft.shape[draft.shape.length - 1] = outputs;
  },
  (draft) => {
    const axis = draft.other();
    const size = draft.shape[axis]!;
    draft.node("Slice", [ints(size), ints(-size - 1), ints(axis), ints(-2)]);
    draft.shape[axis] = Math.ceil(size / 2);
  },
  (draft) => {
    if (draft.shape.length < 4) return;
    const axis = draft.other();
    draft.node("ReduceL2", [], { axes: [axis], keepdims: 0 });
    draft.shape.splice(axis, 1);
    if (axis < draft.images) draft.images--;
  },
  (draft) => {
    if (draft.shape.length < 4) return;
    const axis = draft.other();
    draft.node("Gather", [{ dims: [], values: [below(draft.shape[axis]!)], type: 7 }], { axis });
    draft.shape.splice(axis, 1);
    if (axis < draft.images) draft.images--;
  },
  (draft) => {
    if (draft.shape.length > 5) return;
    const axis = below(draft.shape.length + 1);
    draft.node("Unsqueeze", [ints(axis)]);
    draft.shape.splice(axis, 0, 1);
    if (axis <= draft.images) draft.images++;
  },
  // Together with the axis after it, as heads are, and apart again.
  (draft) => {
    const { shape, images } = draft;
    if (images > shape.length - 3) return;
    const before = [...shape];
    draft.reshape([...shape.slice(0, images), shape[images]! * shape[images + 1]!, ...shape.slice(images + 2)], images);
    draft.node("Relu", []);
    draft.reshape(before, images);
  },
  // Of each image by itself: x·xᵀ.
  (draft) => {
    const { shape, images } = draft;
    if (images > shape.length - 3) return;
    const x = draft.value;
    draft.transpose([...shape.keys()].map((axis, i, { length }) => (i < length - 2 ? axis : 2 * length - 3 - axis)));
    draft.nodes.push(["MatMul", [x, draft.value], [`p${draft.nodes.length}`]]);
    draft.value = `p${draft.nodes.length - 1}`;
    draft.shape = [...shape.slice(0, -1), shape.at(-2)!];
    draft.node("Mul", [{ dims: [], values: [0.1] }]);
  },
];

function drawn(): Draft {
  const draft = new Draft([2 + below(3), 2 + below(4), 2 + below(4)]);
  for (let left = 3 + below(8); left > 0; left--) one(steps as [(typeof steps)[number]])(draft);
  const others = [...draft.shape.keys()].filter((axis) => axis !== draft.images);
  draft.transpose([draft.images, ...others]);
  draft.node("Flatten", [], { axis: 1 });
  draft.nodes.push(["Neg", [draft.value], ["negated"]]);
  draft.nodes.push(["Concat", [draft.value, "negated"], ["logits"], { axis: 1 }]);
  return draft;
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

test("150 graphs that are drawn", { timeout: 120_000 }, async () => {
  const moved = new Set<number>();
  for (let round = 0; round < 150; round++) {
    const { image, nodes, constants, places } = drawn();
    for (const place of places) moved.add(place);
    const file = onnxFile({ nodes, constants, inputs: { images: [2, ...image] }, outputs: ["logits"], opset: 13 });
    const images = random.normal(2 * size(image), 0, 1);
    const expected = [...(await runtimeLogits(file, images, image, { graphOptimizationLevel: "disabled" }))];
    const { model, values } = importOnnx(file, { layout: "NCHW" });
    const engine = referenceEngine();
    for (const [tensor, each] of values) await engine.write(tensor, each);
    // The second, the first and the second again; and the first alone.
    for (const batch of [[1, 0, 1], [0]]) {
      const { output } = record(model.module, input("images", [batch.length, ...image]), { training: false });
      const program = await engine.compile({ outputs: { output }, updates: [] });
      const each = batch.map((k) => [...images.subarray(k * size(image), (k + 1) * size(image))]);
      const { output: got } = await program.run({ images: Float32Array.from(each.flat()) });
      const { classes } = model;
      const wanted = batch.flatMap((k) => expected.slice(k * classes, (k + 1) * classes));
      expect(got!.length).toBe(wanted.length);
      const apart = wanted.map((value, i) => Math.abs(value - got![i]!) / Math.max(1, Math.abs(value)));
      expect(Math.max(...apart), JSON.stringify([image, nodes])).toBeLessThan(1e-5);
    }
  }
  expect([...moved].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
});
