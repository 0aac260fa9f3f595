/** @file Operators with attributes and sizes that are drawn: imported, they give what ONNX Runtime gives. */
import { describe, expect, test } from "vitest";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { importOnnx, type ImportedModel } from "../../src/entries/index.ts";
import { LimbeckError } from "../../src/errors.ts";
import { record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";
import { runtimeLogits } from "../ship/written.ts";
import { onnxFile, type Attributes, type NodeDraft, type TensorDraft } from "./onnx-file.ts";

const random = torchRandom(11);
/** A whole number from `least` to `most`. */
const whole = (least: number, most: number): number => least + Math.floor(random.uniform(1, 0, most - least + 1)[0]!);
const one = <Kind>(list: readonly [Kind, ...Kind[]]): Kind => list[whole(0, list.length - 1)] ?? list[0];
const pair = (least: number, most: number): [number, number] => [whole(least, most), whole(least, most)];
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
const ints = (...values: number[]): TensorDraft => ({ dims: [values.length], values, type: 7 });
const listed = (...values: number[]): TensorDraft => ({ dims: [values.length], values });
/** As the file has it: a number that is not whole, so that it stands there as a float. */
const fraction = (least: number, most: number): number => random.uniform(1, least, most)[0]!;

interface Drawn {
  /** [channels, height, width] */
  readonly shape: readonly [number, number, number];
  readonly nodes: readonly NodeDraft[];
  readonly constants?: Readonly<Record<string, TensorDraft>>;
  readonly opset?: number;
}

/** One operator on x [2, ...shape]. */
function operator(
  op: string,
  shape: Drawn["shape"],
  more: readonly (TensorDraft | undefined)[],
  attributes: Attributes = {},
  opset = 13,
): Drawn {
  const names = more.map((tensor, i) => (tensor ? `c${i}` : ""));
  const constants = Object.fromEntries(more.flatMap((tensor, i) => (tensor ? [[`c${i}`, tensor] as const] : [])));
  return { shape, nodes: [[op, ["images", ...names], ["r"], attributes]], constants, opset };
}

/** Both signs of each number, so that what has to be told apart from others is. */
const end: readonly NodeDraft[] = [
  ["Flatten", ["r"], ["f"]],
  ["Neg", ["f"], ["h"]],
  ["Concat", ["f", "h"], ["logits"], { axis: 1 }],
];

/** The largest difference, of 1 or of the larger number; `undefined` where nearest places are a matter of rounding. */
async function apart({ shape, nodes, constants = {}, opset = 13 }: Drawn): Promise<number | undefined> {
  const file = onnxFile({
    nodes: [...nodes, ...end],
    constants,
    inputs: { images: [2, ...shape] },
    outputs: ["logits"],
    opset,
  });
  const images = random.normal(2 * shape[0] * shape[1] * shape[2], 0, 2);
  const expected = await runtimeLogits(file, images, shape, { graphOptimizationLevel: "disabled" });
  const imported = importedOf(file);
  if (!imported) return undefined;
  const { model, values } = imported;
  const engine = referenceEngine();
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const { output } = record(model.module, input("images", [2, ...shape]), { training: false });
  const program = await engine.compile({ outputs: { output }, updates: [] });
  const { output: got } = await program.run({ images });
  expect(got!.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - got![i]!) / Math.max(1, Math.abs(value))));
}

function importedOf(file: Uint8Array): ImportedModel | undefined {
  try {
    return importOnnx(file, { layout: "NCHW" });
  } catch (error) {
    if (error instanceof LimbeckError && error.message.includes("halfway between two places")) return undefined;
    throw error;
  }
}

function shapeOf(): [number, number, number] {
  return [whole(1, 4), whole(2, 9), whole(2, 9)];
}

const drawn: Readonly<Record<string, () => Drawn>> = {
  Selu: () => operator("Selu", shapeOf(), [], one([{}, { alpha: fraction(0.5, 2), gamma: fraction(0.5, 2) }])),
  Celu: () => operator("Celu", shapeOf(), [], one([{}, { alpha: fraction(0.3, 3) }])),
  Softplus: () => operator("Softplus", shapeOf(), []),
  ReduceL2: () => {
    const axes = one([[1], [2, 3], [-1], [1, 2, 3], [-2, 1]]);
    const keepdims = one([0, 1]);
    return one([0, 1]) === 0
      ? operator("ReduceL2", shapeOf(), [], { axes, keepdims })
      : operator("ReduceL2", shapeOf(), [ints(...axes)], { keepdims }, 18);
  },
  InstanceNormalization: () => {
    const shape = shapeOf();
    return operator(
      "InstanceNormalization",
      shape,
      [floats(shape[0]), floats(shape[0])],
      one([{}, { epsilon: fraction(0.001, 0.1) }]),
    );
  },
  "GroupNorm as PyTorch exports it": () => {
    const [groups, each] = [whole(1, 3), whole(1, 3)];
    const channels = groups * each;
    const [height, width] = pair(2, 6);
    const nodes: NodeDraft[] = [
      ["Reshape", ["images", "apart"], ["a"]],
      ["InstanceNormalization", ["a", "ones", "zeros"], ["b"], { epsilon: fraction(0.001, 0.1) }],
      ["Shape", ["images"], ["s"]],
      ["Reshape", ["b", "s"], ["c"]],
      ["Mul", ["c", "scale"], ["d"]],
      ["Add", ["d", "bias"], ["r"]],
    ];
    const constants = {
      apart: ints(0, groups, -1),
      ones: listed(...Array<number>(groups).fill(1)),
      zeros: listed(...Array<number>(groups).fill(0)),
      scale: floats(channels, 1, 1),
      bias: floats(channels, 1, 1),
    };
    return { shape: [channels, height, width], nodes, constants };
  },
  ConvTranspose: () => {
    const group = whole(1, 2);
    const shape: [number, number, number] = [group * whole(1, 3), ...pair(2, 6)];
    const outputs = whole(1, 3);
    const kernel = pair(2, 4);
    const strides = pair(1, 3);
    const dilations = pair(1, 2);
    const common = { group, strides, dilations, ...one([{}, { kernel_shape: kernel }]) };
    const outputPadding = strides.map((step) => whole(0, step - 1));
    const bordered = one<Attributes>([
      { pads: [...pair(0, 1), ...pair(0, 1)] },
      { pads: [...pair(0, 1), ...pair(0, 1)], output_padding: outputPadding },
      {
        output_shape: shape.slice(1).map((size, i) => (size - 1) * strides[i]! + 1),
        auto_pad: one(["NOTSET", "SAME_UPPER", "SAME_LOWER"]),
      },
      { output_padding: outputPadding },
      { auto_pad: "VALID" },
    ]);
    return operator(
      "ConvTranspose",
      shape,
      [floats(shape[0], outputs, ...kernel), one([undefined, floats(group * outputs)])],
      { ...common, ...bordered },
    );
  },
  "Resize of nearest places": () => resizeOf("nearest"),
  "Resize along lines": () => resizeOf("linear"),
  Upsample: () => {
    const shape = shapeOf();
    const scales = scalesOf(shape, [1, 1.5, 2, 2.5, 3]);
    return operator("Upsample", shape, [scales], { mode: one(["nearest", "linear"]) }, 9);
  },
  "Slice in steps": () => {
    const shape = shapeOf();
    const axes = one<number[]>([[1], [2, 3], [3], [-1, 1]]);
    const steps = axes.map(() => one([-3, -2, -1, 1, 2, 3]));
    const ends = axes.map((axis, i) => {
      const size = shape[(axis < 0 ? axis + 4 : axis) - 1]!;
      const [low, high] = [whole(0, size - 1), whole(0, size - 1)].toSorted((a, b) => a - b) as [number, number];
      const isOpen = one([true, false]);
      return steps[i]! > 0
        ? { start: low, end: isOpen ? 2 ** 31 : high + 1 }
        : { start: isOpen ? 2 ** 31 : high, end: low === 0 || isOpen ? -(2 ** 31) : low - 1 };
    });
    return operator("Slice", shape, [
      ints(...ends.map(({ start }) => start)),
      ints(...ends.map(({ end: last }) => last)),
      ints(...axes),
      ints(...steps),
    ]);
  },
  "Where and Equal on a shape": () => {
    const [channels, height, width] = shapeOf();
    const nodes: NodeDraft[] = [
      ["Equal", ["wanted", "open"], ["isOpen"]],
      ["Where", ["isOpen", "ones", "wanted"], ["target"]],
      ["Expand", ["token", "target"], ["tokens"]],
      ["Add", ["images", "tokens"], ["r"]],
    ];
    const constants = {
      wanted: ints(-1, channels, one([-1, height]), width),
      open: one([ints(-1), { dims: [], values: [-1], type: 7 }]),
      ones: ints(1, 1, 1, 1),
      token: floats(1, channels, 1, width),
    };
    return { shape: [channels, height, width], nodes, constants };
  },
};

/** Of height and width; not such as leave both as they are without being 1, where ONNX Runtime has rules of its own. */
function scalesOf([, ...map]: Drawn["shape"], from: readonly [number, ...number[]]): TensorDraft {
  const scales = map.map(() => one(from));
  const isLeft = map.every((size, i) => Math.floor(size * scales[i]!) === size);
  return isLeft && scales.some((scale) => scale !== 1) ? scalesOf([1, ...map], from) : listed(1, 1, ...scales);
}

function resizeOf(mode: "nearest" | "linear"): Drawn {
  const shape = shapeOf();
  const between = one(["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]);
  const attributes = {
    mode,
    coordinate_transformation_mode: between,
    ...(mode === "nearest" &&
      one([{}, { nearest_mode: one(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]) }])),
  };
  const opset = one([11, 13]);
  const scales = scalesOf(shape, [1, 2, 3, 4, 0.5, 1.5, 2.25, 1.25, 0.75]);
  const region = listed(); // which opset 11 wants, and no mode here uses
  const sizes = ints(2, shape[0], ...pair(1, 40));
  return one([0, 1]) === 0
    ? operator("Resize", shape, [region, scales], attributes, opset)
    : operator("Resize", shape, [region, listed(), sizes], attributes, opset);
}

describe("operators that are drawn", () => {
  test.each(Object.entries(drawn))("%s", async (_, draw) => {
    let compared = 0;
    for (let round = 0; round < 40; round++) {
      const draft = draw();
      const most = await apart(draft);
      if (most === undefined) continue;
      compared++;
      expect(most, JSON.stringify([draft.shape, draft.nodes, draft.constants])).toBeLessThan(1e-5);
    }
    expect(compared).toBeGreaterThanOrEqual(25);
  });
});
