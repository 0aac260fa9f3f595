/** @file Small graphs of every operator that can be imported, with a few things changed. */
import type { Stream } from "../../../src/data/stream.ts";
import { operators } from "../../../src/onnx/operators/index.ts";
import type { Attributes, FileDraft, NodeDraft, TensorDraft } from "../../../test/onnx/onnx-file.ts";
import { pick } from "../mutate.ts";

const right: FileDraft = {
  nodes: [
    ["Conv", ["x", "w3"], ["a"], { pads: [1, 1, 1, 1], strides: [1, 1] }],
    ["BatchNormalization", ["a", "v4", "u4", "v4", "u4"], ["b"], { epsilon: 0.001 }],
    ["Relu", ["b"], ["c"]],
    ["MaxPool", ["c"], ["d"], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
    ["Shape", ["d"], ["s"]],
    ["Slice", ["s", "zero", "two"], ["s2"]],
    ["Concat", ["s2", "rest"], ["s3"], { axis: 0 }],
    ["Reshape", ["d", "s3"], ["e"]],
    ["Split", ["e"], ["f", "g"], { axis: 2 }],
    ["ReduceMean", ["f"], ["h"], { axes: [2], keepdims: 0 }],
    ["ReduceMax", ["g"], ["i"], { axes: [2], keepdims: 0 }],
    ["Add", ["h", "i"], ["j"]],
    ["Gemm", ["j", "fc", "v5"], ["y"], { transB: 1 }],
    ["Softmax", ["y"], ["z"]],
  ],
  constants: {
    w3: floats([4, 3, 3, 3]),
    v4: floats([4]),
    u4: floats([4]),
    v5: floats([5]),
    fc: floats([5, 4]),
    zero: { dims: [1], values: [0], type: 7 },
    two: { dims: [1], values: [2], type: 7 },
    rest: { dims: [1], values: [-1], type: 7 },
  },
  outputs: ["z"],
  opset: 11,
};

/** The graph with up to six changes. */
export function oddDraft(random: Stream): FileDraft {
  let draft = right;
  for (let left = random.below(7); left > 0; left--) draft = pick(random, changes)(draft, random);
  return draft;
}

type Change = (draft: FileDraft, random: Stream) => FileDraft;

const numbers = [0, 1, -1, 2, 3, 4, 7, 8, 100, 16_384, 2 ** 20, 2 ** 31, 2 ** 40, 2 ** 53, -(2 ** 40)];
const names = "a b c d e f g h i j s s2 s3 w3 v4 fc rest x y z nothing".split(" ");
const attributeNames =
  "axis axes perm pads strides dilations kernel_shape group transA transB alpha beta epsilon keepdims ceil_mode auto_pad to split value mode".split(
    " ",
  );

const changes: readonly Change[] = [
  (draft, random) =>
    changedNode(draft, random, ([, ...rest]) => [pick(random, [...operators.keys(), "If", "Loop"]), ...rest]),
  (draft, random) => changedNode(draft, random, ([op, inputs, ...rest]) => [op, exchanged(inputs, random), ...rest]),
  (draft, random) =>
    changedNode(draft, random, ([op, inputs, ...rest]) => [op, [...inputs, pick(random, names)], ...rest]),
  (draft, random) =>
    changedNode(
      draft,
      random,
      ([op, inputs, outputs, attributes]) =>
        [op, inputs, exchanged(outputs, random), ...(attributes ? [attributes] : [])] as unknown as NodeDraft,
    ),
  (draft, random) =>
    changedNode(draft, random, ([op, inputs, outputs, attributes = {}]) => [
      op,
      inputs,
      outputs,
      { ...attributes, [pick(random, attributeNames)]: value(random) },
    ]),
  (draft, random) =>
    changedNode(draft, random, ([op, inputs, outputs, attributes = {}]) => [
      op,
      inputs,
      outputs,
      { ...attributes, ...oddOf(attributes, random) },
    ]),
  (draft, random) => ({ ...draft, nodes: draft.nodes.filter((_, i) => i !== random.below(draft.nodes.length)) }),
  (draft, random) => ({ ...draft, nodes: [...draft.nodes, pick(random, draft.nodes)] }),
  (draft, random) => {
    const at = random.below(draft.nodes.length + 1);
    const op = pick(random, [...operators.keys()]);
    const node: NodeDraft = [
      op,
      [pick(random, names), pick(random, names)].slice(random.below(2)),
      [`new${at}`],
      random.below(2) === 0 ? {} : { [pick(random, attributeNames)]: value(random) },
    ];
    const [last] = draft.outputs ?? [];
    return { ...draft, nodes: [...draft.nodes, node], outputs: random.below(3) === 0 ? [`new${at}`] : [last ?? "z"] };
  },
  (draft, random) =>
    changedConstant(draft, random, (tensor) => ({
      ...tensor,
      dims: Array.from({ length: random.below(6) }, () => pick(random, numbers)),
    })),
  (draft, random) =>
    changedConstant(draft, random, (tensor) => ({ ...tensor, values: tensor.values.map(() => pick(random, numbers)) })),
  (draft, random) =>
    changedConstant(draft, random, ({ dims }) => ({
      dims,
      values: Array.from(
        {
          length: Math.min(
            200,
            dims.reduce((a, b) => a * b, 1),
          ),
        },
        () => random.below(5) - 2,
      ),
      type: pick(random, [1, 7, 10]),
      isListed: random.below(2) === 0,
    })),
  (draft, random) =>
    changedConstant(draft, random, ({ dims }) => ({
      dims,
      values: [],
      external: { location: pick(random, ["../a", "/etc/passwd", "", "a"]), offset: String(pick(random, numbers)) },
    })),
  (draft, random) => ({ ...draft, opset: pick(random, [0, 1, 7, 9, 11, 13, 18, 21, 2 ** 31]) }),
  (draft, random) => ({
    ...draft,
    inputs: {
      x: Array.from({ length: 2 + random.below(4) }, () => pick<number | string>(random, [...numbers, "n", ""])),
    },
  }),
  (draft, random) => ({
    ...draft,
    inputs: { x: [pick<number | string>(random, [1, 2, "n"]), 3, pick(random, [1, 8, 9, 20]), 8] },
  }),
  (draft, random) => ({ ...draft, outputs: [pick(random, names)] }),
  (draft, random) => chained(draft, random),
];

/** A value that doubles with each of many nodes, or a long chain. */
function chained(draft: FileDraft, random: Stream): FileDraft {
  const op = pick(random, ["Concat", "Add", "Unsqueeze", "Relu", "Identity", "Pad"]);
  const first = pick(random, ["s", "c", "x", "rest"]);
  const nodes = Array.from({ length: 5 + random.below(400) }, (_, i): NodeDraft => {
    const before = i === 0 ? first : `chain${i - 1}`;
    return [
      op,
      op === "Concat" || op === "Add" ? [before, before] : [before],
      [`chain${i}`],
      op === "Concat"
        ? { axis: first === "c" || first === "x" ? 1 : 0 }
        : op === "Unsqueeze"
          ? { axes: [1] }
          : op === "Pad"
            ? { pads: [0, 0, 9000, 9000, 0, 0, 9000, 9000] }
            : {},
    ];
  });
  const rest = draft.nodes.map(([name, inputs, ...more]): NodeDraft => [
    name,
    random.below(4) === 0 ? inputs.map((each) => (each === first ? `chain${nodes.length - 1}` : each)) : inputs,
    ...more,
  ]);
  return {
    ...draft,
    nodes: [...nodes, ...rest],
    outputs: random.below(2) === 0 ? [`chain${nodes.length - 1}`] : (draft.outputs ?? []),
  };
}

function changedNode(draft: FileDraft, random: Stream, change: (node: NodeDraft) => NodeDraft): FileDraft {
  const at = random.below(draft.nodes.length);
  return { ...draft, nodes: draft.nodes.map((node, i) => (i === at ? change(node) : node)) };
}

function changedConstant(draft: FileDraft, random: Stream, change: (tensor: TensorDraft) => TensorDraft): FileDraft {
  const { constants = {} } = draft;
  const name = pick(random, Object.keys(constants));
  return { ...draft, constants: { ...constants, [name]: change(constants[name]!) } };
}

function exchanged(list: readonly string[], random: Stream): string[] {
  const at = random.below(Math.max(1, list.length));
  const name = pick(random, ["", ...names]);
  return list.length === 0 ? [name] : list.map((each, i) => (i === at ? name : each));
}

function value(random: Stream): Attributes[string] {
  const list = () => Array.from({ length: random.below(6) }, () => pick(random, numbers));
  return pick<() => Attributes[string]>(random, [
    () => pick(random, numbers),
    list,
    () => "SAME_UPPER",
    () => 0.5,
    () => "",
  ])();
}

function oddOf(attributes: Attributes, random: Stream): Attributes {
  const keys = Object.keys(attributes);
  return keys.length === 0 ? {} : { [pick(random, keys)]: value(random) };
}

function floats(dims: readonly number[]): TensorDraft {
  const size = dims.reduce((a, b) => a * b, 1);
  return { dims, values: Array.from({ length: size }, (_, i) => Math.sin(i)) };
}
