import { expect, test } from "vitest";
import { conv2d, gradients, input, mean, square, type ConvOptions, type Tensor } from "../../../tensor/index.ts";
import { topologicalOrder } from "../../../tensor/graph.ts";
import { decide, type Decision } from "./choose.ts";

/** The decisions for a convolution, its input's gradient and its weight's. */
function decisions(
  xShape: readonly number[],
  weightShape: readonly number[],
  options: ConvOptions,
  fused = true,
): Decision[] {
  const [x, weight] = [input("x", xShape), input("weight", weightShape)];
  const y = conv2d(x, weight, undefined, options);
  const order = topologicalOrder(gradients(mean(square(y)), [x, weight]));
  const find = (name: string): Tensor => order.find(({ op }) => op.name === name)!;
  return ["conv2d", "conv2dInputGrad", "conv2dWeightGrad"].map((name) => decide(find(name), { fused }));
}

const algorithms = (...given: Parameters<typeof decisions>): string[] =>
  decisions(...given).map(({ algorithm }) => algorithm);

test("Winograd for 3×3 windows of stride 1 between many channels", () => {
  const winograd = ["winograd", "winograd", "winograd"];
  expect(algorithms([2, 64, 16, 16], [32, 64, 3, 3], { padding: 1 })).toEqual(winograd);
  expect(algorithms([2, 16, 32, 32], [16, 16, 3, 3], { padding: 1 })).toEqual(winograd);
});

test("without fused multiply-adds, forward between 16 channels too", () => {
  const shapes = [[2, 16, 16, 16], [16, 16, 3, 3], { padding: 1 }] as const;
  expect(algorithms(...shapes)).toEqual(["direct", "direct", "direct"]);
  expect(algorithms(...shapes, false)).toEqual(["winograd", "direct", "direct"]);
  expect(algorithms([2, 8, 16, 16], [8, 8, 3, 3], { padding: 1 }, false)[0]).toBe("direct");
});

test("a strided convolution is direct, and its input's gradient leaves zeros out", () => {
  expect(algorithms([2, 64, 16, 16], [32, 64, 3, 3], { padding: 1, stride: 2 })).toEqual([
    "direct",
    "stride-phases",
    "direct",
  ]);
});

test("a window of one pixel makes one product, unless it is strided, bordered or in groups", () => {
  const product = ["product", "product", "product"];
  expect(algorithms([2, 64, 16, 16], [32, 64, 1, 1], {})).toEqual(product);
  expect(algorithms([2, 64, 16, 16], [32, 64, 1, 1], { stride: 2 })).not.toContain("product");
  expect(algorithms([2, 64, 16, 16], [32, 64, 1, 1], { padding: 1 })).not.toContain("product");
  expect(algorithms([2, 64, 16, 16], [32, 32, 1, 1], { groups: 2 })).not.toContain("product");
});

test("small maps by pixel, gradients those of 4×4 too, unless they are in groups or go by Winograd", () => {
  const byPixel = ["by-pixel", "by-pixel", "by-pixel"];
  expect(algorithms([2, 64, 2, 2], [64, 64, 3, 3], { padding: 1 })).toEqual(byPixel);
  expect(algorithms([2, 64, 4, 4], [64, 64, 3, 3], { padding: 1, stride: 2 })).toEqual(byPixel);
  expect(algorithms([2, 64, 8, 8], [64, 64, 3, 3], { padding: 1, stride: 2 })).toEqual([
    "direct",
    "by-pixel",
    "by-pixel",
  ]);
  expect(algorithms([2, 64, 4, 4], [64, 64, 3, 3], { padding: 1 })).not.toContain("by-pixel");
  expect(algorithms([2, 64, 2, 2], [64, 32, 3, 3], { padding: 1, groups: 2 })).not.toContain("by-pixel");
});

test("depthwise is a kind of its own", () => {
  expect(algorithms([2, 64, 16, 16], [64, 1, 3, 3], { padding: 1, groups: 64 })).toEqual(
    Array.from({ length: 3 }, () => "depthwise"),
  );
});

test.each<[string, number[], number[], ConvOptions]>([
  ["16 channels", [2, 16, 16, 16], [64, 16, 3, 3], { padding: 1 }],
  ["3 channels", [2, 3, 16, 16], [64, 3, 3, 3], { padding: 1 }],
  ["a window of 5×5", [2, 64, 16, 16], [64, 64, 5, 5], { padding: 2 }],
  ["4 groups", [2, 64, 16, 16], [64, 16, 3, 3], { padding: 1, groups: 4 }],
  ["dilation 2×2", [2, 64, 16, 16], [64, 64, 3, 3], { padding: 2, dilation: 2 }],
  ["channels that are no multiple of 8", [2, 36, 16, 16], [64, 36, 3, 3], { padding: 1 }],
  ["a map of 3×8, smaller than a tile", [2, 64, 3, 8], [64, 64, 3, 3], { padding: 1 }],
])("direct, because of %s", (reason, xShape, weightShape, options) => {
  for (const decision of decisions(xShape, weightShape, options)) {
    expect(decision).toEqual({ algorithm: "direct", reason: `not by Winograd: ${reason}` });
  }
});
