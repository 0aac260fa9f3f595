import { expect, test } from "vitest";
import { createModel } from "../models/index.ts";
import { input, linear as affine, state, type Tensor } from "../tensor/index.ts";
import { LimbeckError } from "../errors.ts";
import { batchNorm2d, conv2d, frozen, module, record, sequential, type Module } from "./index.ts";

const x = input("x", [2, 8, 4, 4]);
const block = (channels: number): Module =>
  sequential({ conv1: conv2d(8, 8, 3, { padding: 1 }), bn1: batchNorm2d(channels) });

test.each<[string, Module, RegExp]>([
  [
    "in its network",
    sequential({ layer1: sequential([block(7)]) }),
    /^layer1\.0\.bn1: batchNormTrain: the weight should be \[8\], got \[7\]/,
  ],
  ["in a frozen part", sequential({ head: sequential([frozen(block(7))]) }), /^head\.0\.bn1: batchNormEval: /],
  ["at the top", { forward: (y: Tensor) => affine(y, state("weight", [4, 3])) }, /^linear: /],
])("a shape error begins with the path of the module %s", (_, module, message) => {
  let error: unknown;
  try {
    record(module, x, { training: true });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(LimbeckError);
  expect(error).toMatchObject({ code: "SHAPE", message: expect.stringMatching(message) });
});

test("a network of the table tells which layer the images do not fit", () => {
  const { module } = createModel("resnet8");
  expect(() => record(module, input("x", [1, 1, 32, 32]), { training: false })).toThrow(
    /^conv1: conv2d: x should be \[N, 3, H, W\]/,
  );
});

test("a pass that failed goes on with the right paths", () => {
  const fussy = sequential({ inner: { forward: (y) => affine(y, state("weight", [4, 3])) } });
  const network = module({
    children: { fussy, fine: conv2d(8, 8, 1) },
    forward(y, { fussy, fine }) {
      expect(() => fussy(y)).toThrow(/^fussy\.inner: linear/);
      return fine(y);
    },
  });
  expect([...record(network, x, { training: false }).outputs.keys()]).toEqual(["fine", ""]);
});

test("what is no error of Limbeck's passes as it is", () => {
  const own = new RangeError("mine");
  const module = sequential({
    a: {
      forward() {
        throw own;
      },
    },
  });
  expect(() => record(module, x, { training: false })).toThrow(own);
});
