/** @file A teacher in an ONNX file that tells photographs by their colour: its classes are sea, apple, night and leaf. */
import { onnxFile, type FileDraft, type NodeDraft } from "../onnx/onnx-file.ts";

export const teacherClasses = ["sea", "apple", "night", "leaf"] as const;

/** As its metadata say it. */
export const preprocessing = {
  inputShape: [3, 20, 20],
  resize: 20,
  interpolation: "bilinear",
  range: 1,
  mean: [0.3, 0.3, 0.3],
  std: [0.25, 0.25, 0.25],
} as const;

/** Two convolutions that average each of red, green, blue twice over; logits 4 (blue, red, -1, green). */
export function colourTeacher({
  metadata = { preprocessing: JSON.stringify(preprocessing), names: JSON.stringify(teacherClasses) },
  size = 20,
  isForRuntime = false,
  isSaturating = false,
  factor = 4,
}: {
  readonly metadata?: FileDraft["metadata"];
  readonly size?: number;
  /** Whether it has an operator that cannot be imported. */
  readonly isForRuntime?: boolean;
  /** Whether it takes pixels outside of its range for black or white, as a network that never saw such does. */
  readonly isSaturating?: boolean;
  /** 0 makes it say the same of every picture. */
  readonly factor?: number;
} = {}): Uint8Array<ArrayBuffer> {
  const of = <Value>(outs: number, ins: number, value: (out: number, input: number) => Value): Value[] =>
    Array.from({ length: outs * ins }, (_, i) => value(Math.floor(i / ins), i % ins));
  const average = (outs: number, ins: number) => ({
    dims: [outs, ins, 3, 3],
    values: of(outs, ins, (out, input) => Array<number>(9).fill(out % 3 === input ? 1 / 9 : 0)).flat(),
  });
  const colours = [2, 0, -1, 1];
  const steps: readonly NodeDraft[] = [
    ...(isSaturating ? ([["Clip", ["x", "black", "white"], ["pixels"]]] as const) : []),
    ["Conv", [isSaturating ? "pixels" : "x", "first.weight"], ["a"], { pads: [1, 1, 1, 1], strides: [2, 2] }],
    ["Relu", ["a"], ["b"]],
    ["Conv", ["b", "second.weight"], ["c"], { pads: [1, 1, 1, 1], strides: [2, 2] }],
    isForRuntime ? ["LpPool", ["c"], ["d"], { kernel_shape: [1, 1], p: 1 }] : ["Relu", ["c"], ["d"]],
    ["GlobalAveragePool", ["d"], ["e"]],
    ["Flatten", ["e"], ["f"]],
    ["Gemm", ["f", "head.weight", "head.bias"], ["y"], { transB: 1 }],
  ];
  return onnxFile({
    nodes: steps,
    constants: {
      ...(isSaturating && { black: { dims: [], values: [-0.3 / 0.25] }, white: { dims: [], values: [0.7 / 0.25] } }),
      "first.weight": average(6, 3),
      "second.weight": average(6, 6),
      "head.weight": {
        dims: [4, 6],
        values: of(4, 6, (out, input) => (colours[out] === input ? factor : 0)),
      },
      "head.bias": { dims: [4], values: [0, 0, -4, 0] },
    },
    inputs: { x: ["n", 3, size, size] },
    ...(metadata && { metadata }),
  });
}
