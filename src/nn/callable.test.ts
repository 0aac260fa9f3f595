import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { LimbeckError } from "../errors.ts";
import { torchRandom } from "../random/index.ts";
import { add, gradientsOrNull, input, mean, relu, type Tensor } from "../tensor/index.ts";
import {
  batchNorm2d,
  conv2d,
  countParameters,
  dropout,
  initialise,
  linear,
  module,
  namedBuffers,
  namedParameters,
  namedStates,
  record,
  sequential,
  type Callable,
  type Module,
} from "./index.ts";

const x = input("x", [2, 3]);

test("children are called as functions, their results and parameters named by the keys", () => {
  const network = module({
    children: { conv1: conv2d(3, 4, 1), bn1: batchNorm2d(4) },
    forward: (x, { conv1, bn1 }, { note }) => relu(note("normed", bn1(conv1(x)))),
  });
  const { outputs, updates } = record(sequential({ stem: network }), input("x", [2, 3, 4, 4]), { training: true });
  expect([...outputs.keys()]).toEqual(["stem.conv1", "stem.bn1", "stem.normed", "stem", ""]);
  expect(outputs.get("stem.normed")).toBe(outputs.get("stem.bn1"));
  expect([...updates.keys()]).toEqual([...namedBuffers(network).values()].map(({ tensor }) => tensor));
  expect([...namedParameters(network).keys()]).toEqual(["conv1.weight", "conv1.bias", "bn1.weight", "bn1.bias"]);
});

test("a child that is called after its parent's forward has ended is an error with its path", () => {
  let kept: Callable | undefined;
  const block = module({
    children: { fc: linear(3, 3) },
    forward(x, { fc }) {
      kept = fc;
      return fc(x);
    },
  });
  record(sequential({ block }), x, { training: false });
  expect(() => kept!(x)).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/^block\.fc: /) }),
  );
});

test("a child that is handed down to another is itself wherever it is called", () => {
  const borrower = (lent: () => Callable): Module => ({ forward: (x) => lent()(x) });
  let lent: Callable | undefined;
  const network = module({
    children: { fc: linear(3, 3), inner: borrower(() => lent!) },
    forward(x, { fc, inner }) {
      lent = fc;
      return inner(x);
    },
  });
  expect([...record(network, x, { training: false }).outputs.keys()]).toEqual(["fc", "inner", ""]);
});

test("a child that is called twice shares its weights, draws a mask each time, and is named for the later result", () => {
  const fc = linear(3, 3);
  const network = module({
    children: { fc, drop: dropout(0.5) },
    forward: (x, { fc, drop }) => drop(fc(drop(fc(x)))),
  });
  const { outputs, masks, output } = record(network, x, { training: true });
  expect(masks.map(({ input }) => input.attributes.name)).toEqual(["mask drop", "mask drop #2"]);
  expect(outputs.get("fc")!.inputs[0]).not.toBe(x);
  expect(outputs.get("drop")).toBe(output);
  expect(countParameters(network)).toBe(12);
});

test("a child that is never called has parameters, no result and no gradient", () => {
  const network = module({
    children: { used: linear(3, 2), spare: linear(3, 2) },
    forward: (x, { used }) => used(x),
  });
  const { outputs, output } = record(network, x, { training: true });
  expect([...outputs.keys()]).toEqual(["used", ""]);
  const spare = namedParameters(network).get("spare.weight")!.tensor;
  expect(gradientsOrNull(mean(output), [spare])).toEqual([null]);
});

test("a module under two parents is one set of weights: learned and counted once, named in the file under both", async () => {
  const shared = sequential([linear(3, 3), dropout(0.5)]);
  const network = module({
    children: { left: sequential({ shared }), right: sequential({ shared }) },
    forward: (x, { left, right }) => add(left(x), right(x)),
  });
  expect([...namedParameters(network).keys()]).toEqual(["left.shared.0.weight", "left.shared.0.bias"]);
  expect(countParameters(network)).toBe(12);
  const states = namedStates(network);
  expect(states.get("right.shared.0.weight")).toBe(states.get("left.shared.0.weight"));
  const training = record(network, x, { training: true });
  expect(training.masks.map(({ input }) => input.attributes.name)).toEqual([
    "mask left.shared.1",
    "mask right.shared.1",
  ]);
  const { output, outputs } = record(network, x, { training: false });
  const engine = referenceEngine();
  for (const [tensor, values] of initialise(network, torchRandom(1))) await engine.write(tensor, values);
  const left = outputs.get("left.shared.0")!;
  const program = await engine.compile({ outputs: { output, left }, updates: [] });
  const got = await program.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) });
  expect(got["output"]).toEqual(got["left"]!.map((value) => 2 * value));
});

test("a forward finds what was recorded below it by the path from there, and no further", () => {
  const head = (path: string): Module =>
    module({
      children: { body: sequential([linear(3, 3)]) },
      forward(x, { body }, { output }) {
        body(x);
        return output(path);
      },
    });
  const { outputs } = record(sequential({ head: head("body.0") }), x, { training: false });
  expect(outputs.get("head")).toBe(outputs.get("head.body.0"));
  expect(() => record(sequential({ head: head("bdy.0") }), x, { training: false })).toThrow(
    /^head: unknown output "bdy\.0"; did you mean body\.0\?/,
  );
});

test("what is no tensor ends in an error that names the child", () => {
  const forgetful = { forward: () => undefined as unknown as Tensor };
  let error: unknown;
  try {
    record(sequential({ forgetful }), x, { training: false });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(LimbeckError);
  expect(error).toMatchObject({ code: "ARGUMENT", message: expect.stringMatching(/^forgetful: forward: .*a tensor/) });
});
