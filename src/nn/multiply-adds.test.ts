import { expect, test } from "vitest";
import { createModel } from "../models/index.ts";
import { matmul, reshape } from "../tensor/index.ts";
import { conv2d } from "./conv.ts";
import { countMultiplyAdds } from "./named.ts";

const pixels = { all: 32 * 32, half: 16 * 16, quarter: 8 * 8 };

test.each([
  ["LightNN", pixels.all * 16 * 27 + pixels.half * 16 * 144 + 1024 * 256 + 256 * 10],
  [
    "resnet8",
    pixels.all * 16 * (27 + 144 + 144) +
      pixels.half * 32 * (144 + 288 + 16) +
      pixels.quarter * 64 * (288 + 576 + 32) +
      64 * 10,
  ],
])("%s multiplies and adds %i times an image", (name, expected) => {
  const { module, inputShape } = createModel(name);
  expect(countMultiplyAdds(module, inputShape)).toBe(expected);
});

test("a grouped convolution sums over its own group's channels alone", () => {
  expect(countMultiplyAdds(conv2d(12, 8, 3, { groups: 4, padding: 1 }), [12, 5, 5])).toBe(25 * 8 * 27);
});

test("products of matrices count, of batches each, whichever is transposed", () => {
  const module = {
    forward: (x: Parameters<typeof reshape>[0]) => {
      const [a, b] = [reshape(x, [2, 3, 4]), reshape(x, [2, 4, 3])];
      return matmul(reshape(matmul(a, b), [6, 3]), reshape(x, [3, 8]), { transposeA: false });
    },
  };
  expect(countMultiplyAdds(module, [24])).toBe(2 * 3 * 3 * 4 + 6 * 8 * 3);
  const transposed = {
    forward: (x: Parameters<typeof reshape>[0]) => matmul(reshape(x, [4, 6]), reshape(x, [4, 6]), { transposeA: true }),
  };
  expect(countMultiplyAdds(transposed, [24])).toBe(6 * 6 * 4);
});
