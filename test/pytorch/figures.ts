/** @file Every operation against PyTorch's figures (ops.golden.json, made by ops.golden.py): values and gradients, on any engine. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { cosineLoss, crossEntropy, meanSquaredError, softTargetLoss } from "../../src/distill/losses/basic.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { ops } from "../../src/tensor/ops/index.ts";
import * as t from "../../src/tensor/index.ts";
import { usedInputs } from "../engines/cases/trial.ts";
import { expectClose } from "../engines/close.ts";
import { chosen, skipped, type TestedEngine } from "../engines/tested.ts";
import golden from "./ops.golden.json" with { type: "json" };

/** The cases of ops.golden.json on one engine, within its tolerance. */
export function figures(name: string, { open, pytorch: tolerance, missing, oneIn = 1 }: TestedEngine): void {
  describe.skipIf(missing)(skipped(`PyTorch's figures on ${name}`, missing), () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    const cases = chosen(golden.cases, oneIn, ({ name }) => name);
    test.each(cases.map((one) => [golden.cases.indexOf(one) + 1, one.name, JSON.stringify(one.options), one] as const))(
      "%i: %s %s",
      async (_number, _name, _options, one) => {
        const { graph, given, bytes } = graphOf(one);
        for (const [state, values] of bytes)
          await engine.writeRows(
            state,
            Int32Array.from({ length: state.shape[0]! }, (_, row) => row),
            values,
          );
        const program = await engine.compile(graph);
        const got = await program.run(given);
        program.close();
        await engine.free([...bytes.keys()]);
        expectClose("value", got.value!, numbersOf(one.value), { tolerance, leastSize: 1 });
        for (const [i, gradient] of one.gradients.entries()) {
          expectClose(`gradient ${i}`, got[`gradient ${i}`]!, numbersOf(gradient), { tolerance, leastSize: 1 });
        }
      },
    );
  });
}

/** The operations, by name, that no case runs. */
export function operationsWithoutFigures(): string[] {
  const run = new Set(
    golden.cases.flatMap((one) => t.topologicalOrder(Object.values(graphOf(one).graph.outputs))).map(({ op }) => op),
  );
  return Object.values(ops)
    .filter((op) => !run.has(op as never))
    .map(({ name }) => name);
}

type Pair = readonly [number, number];

/** Options by the names that this library gives them. */
interface Options extends t.ReduceOptions, t.ClampOptions, t.SliceOptions, t.GeluOptions {
  readonly border: NonNullable<t.LookupOptions["border"]>;
  readonly shape: t.Shape;
  readonly axes: readonly number[];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

/** How each name in ops.golden.py is written here. */
const build: Readonly<
  Record<string, (inputs: [t.Tensor, t.Tensor, ...(t.Tensor | undefined)[]], options: Options) => t.Tensor>
> = {
  add: ([a, b]) => t.add(a, b),
  sub: ([a, b]) => t.sub(a, b),
  mul: ([a, b]) => t.mul(a, b),
  div: ([a, b]) => t.div(a, b),
  neg: ([x]) => t.neg(x),
  exp: ([x]) => t.exp(x),
  log: ([x]) => t.log(x),
  sqrt: ([x]) => t.sqrt(x),
  abs: ([x]) => t.abs(x),
  sign: ([x]) => t.sign(x),
  relu: ([x]) => t.relu(x),
  gelu: ([x], options) => t.gelu(x, options),
  roundStraightThrough: ([x]) => t.roundStraightThrough(x),
  equal: ([a, b]) => t.equal(a, b),
  less: ([a, b]) => t.less(a, b),
  maximum: ([a, b]) => t.maximum(a, b),
  minimum: ([a, b]) => t.minimum(a, b),
  clamp: ([x], options) => t.clamp(x, options),
  stopGradient: ([x]) => t.add(t.square(x), t.stopGradient(t.mul(x, 3))),
  sum: ([x], options) => t.sum(x, options),
  max: ([x], options) => t.max(x, options),
  mean: ([x], options) => t.mean(x, options),
  reshape: ([x], { shape }) => t.reshape(x, shape),
  broadcastTo: ([x], { shape }) => t.broadcastTo(x, shape),
  permute: ([x], { axes }) => t.permute(x, axes),
  concat: ([a, b], { axis }) => t.concat([a, b], axis),
  slice: ([x], options) => t.slice(x, options),
  channelShuffle: ([x], { groups }) => t.channelShuffle(x, groups),
  indexSelect: ([x, indices]) => t.indexSelect(x, indices),
  indexCopy: ([x, indices, values]) => t.stopGradient(t.indexCopy(x, indices, values!)),
  lookupRows: ([x, indices, table, shifts], { border }) =>
    t.lookupRows(x, indices, t.stopGradient(table!), shifts ? { shifts, border } : {}),
  matmul: ([a, b], options) => t.matmul(a, b, options),
  linear: ([x, weight, bias]) => t.linear(x, weight, bias),
  conv2d: ([x, weight, bias], options) => t.conv2d(x, weight, bias, options),
  maxPool2d: ([x], { kernel, ...options }) => t.maxPool2d(x, kernel, options),
  avgPool2d: ([x], { kernel, ...options }) => t.avgPool2d(x, kernel, options),
  batchNormTrain: ([x, weight, bias]) => t.batchNormTrain(x, t.batchMoments(x), { weight, bias: bias!, eps: 1e-5 }),
  batchNormEval: ([x, mean, variance, weight, bias]) =>
    t.batchNormEval(x, t.stopGradient(mean), t.stopGradient(variance!), { weight: weight!, bias: bias!, eps: 1e-5 }),
  runningVariance: ([x]) => {
    const count = x.size / x.shape[1]!;
    return t.stopGradient(t.mul(t.row(t.batchMoments(x), 1), count / (count - 1)));
  },
  logSoftmax: ([x]) => t.logSoftmax(x),
  softmax: ([x]) => t.softmax(x),
  oneHot: ([x, labels]) => t.mul(x, t.oneHot(labels, x.shape[1]!)),
  gather: ([x, index]) => t.gather(x, index),
  crossEntropy: ([logits, labels]) => crossEntropy(logits, labels),
  softTargets: ([student, teacher]) => softTargetLoss(student, teacher, 2),
  cosineLoss: ([a, b]) => cosineLoss(a, b),
  meanSquaredError: ([a, b]) => meanSquaredError(a, b),
};

type Case = (typeof golden.cases)[number];

const numbersOf = ({ values }: { readonly values: readonly (number | string)[] }): number[] => values.map(Number);

/** The case's value and gradients, as one graph; its inputs, and what are states of bytes instead. */
function graphOf({ name, inputs, weight, options }: Case): {
  graph: t.Graph;
  given: Record<string, Float32Array>;
  bytes: ReadonlyMap<t.Tensor, Uint8Array>;
} {
  const tensors = inputs.map(({ shape, dtype }, i) =>
    dtype === "uint8" ? t.state(`x${i}`, shape, "uint8") : t.input(`x${i}`, shape, dtype as t.InputDType),
  );
  const value = build[name]!(tensors as [t.Tensor, t.Tensor], options as unknown as Options);
  const weights = t.input("weight", weight.shape);
  const variables = tensors.filter(({ dtype }) => dtype === "float32");
  const gradients = t.gradients(t.sum(t.mul(value, weights)), variables);
  const outputs = { value, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient ${i}`, gradient])) };
  const graph = { outputs, updates: [] };
  const given = Object.fromEntries(
    inputs.flatMap((x, i) => {
      if (x.dtype === "uint8") return [];
      return [[`x${i}`, x.dtype === "int32" ? Int32Array.from(numbersOf(x)) : Float32Array.from(numbersOf(x))]];
    }),
  );
  return {
    graph,
    given: usedInputs<never>(graph, { ...given, weight: Float32Array.from(numbersOf(weight)) } as never),
    bytes: new Map(
      inputs.flatMap((x, i) => (x.dtype === "uint8" ? [[tensors[i]!, Uint8Array.from(numbersOf(x))] as const] : [])),
    ),
  };
}
