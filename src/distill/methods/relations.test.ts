import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../engine/contract.ts";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { add, analyse, gradients, input, mul, sum, type Shape, type Tensor } from "../../tensor/index.ts";
import { boundaryLoss } from "./ab.ts";
import { attentionLoss, attentionMap } from "./at.ts";
import { congruenceLoss } from "./cc.ts";
import { flowLoss, flows } from "./fsp.ts";
import { factorLoss } from "./ft.ts";
import { channelCorrelationLoss } from "./ickd.ts";
import { isPositive, normalise } from "../losses/normalise.ts";
import { commonSize, pooledTo } from "../losses/maps.ts";
import { selectivity, selectivityLoss } from "./nst.ts";
import { probabilityLoss } from "./pkt.ts";
import { relationLosses } from "./rkd.ts";
import { similarityLoss } from "./sp.ts";

type Loss = (student: Tensor, teacher: Tensor) => Tensor;

/** Of maps [N, C, H, W] unless they are vectors' [N, D]. */
const losses: Readonly<Record<string, { readonly of: Loss; readonly vectors?: boolean }>> = {
  at: { of: (s, t) => attentionLoss(s, attentionMap(t)) },
  sp: { of: similarityLoss },
  cc: { of: congruenceLoss, vectors: true },
  "rkd distance": { of: (s, t) => relationLosses(s, t).distance, vectors: true },
  "rkd angle": { of: (s, t) => relationLosses(s, t).angle, vectors: true },
  pkt: { of: probabilityLoss, vectors: true },
  nst: { of: (s, t) => selectivityLoss(s, selectivity(t)) },
  ickd: { of: channelCorrelationLoss },
  fsp: { of: (s, t) => flowLoss(flows([s, s]), flows([t, t])) },
  ab: { of: (s, t) => boundaryLoss([s], [isPositive(t)], 1) },
  ft: { of: factorLoss },
};

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  reference: async () => referenceEngine(),
  "wasm, 2 threads": () => wasmEngine({ threads: 2 }),
};

/** Waves of sizes 1.5 to 2.5, each other one negative. */
const wave = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => (i % 2 ? -1 : 1) * (2 + Math.sin(i * i) / 2));
const [images, size] = [4, 3 * 4 * 4];

describe.each(Object.entries(engines))("%s", (_, factory) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await factory()));
  afterAll(() => engine.close());

  describe.each(Object.entries(losses))("%s", (_, { of, vectors = false }) => {
    const evaluate = async (student: Float32Array, teacher: Float32Array, n = images) => {
      const shape: Shape = vectors ? [n, size] : [n, 3, 4, 4];
      const [s, t] = [input("student", shape), input("teacher", shape)];
      const loss = of(s, t);
      const outputs = { loss, gradient: gradients(loss, [s])[0]! };
      const { inputs } = analyse({ outputs, updates: [] }); // The loss of a batch of one may be a constant.
      const given = Object.entries({ student, teacher }).filter(([name]) => inputs.has(name));
      const program = await engine.compile({ outputs, updates: [] });
      const values = await program.run(Object.fromEntries(given)).finally(() => program.close());
      return { loss: values["loss"]![0]!, gradient: values["gradient"]! };
    };

    test("is least where the student is the teacher", async () => {
      const { loss, gradient } = await evaluate(wave(images * size), wave(images * size));
      expect(Math.abs(loss)).toBeLessThan(1e-6);
      expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-5);
    });

    const teacher = wave(images * size).toReversed();
    test.each<[string, (i: number) => number, number?]>([
      ["zeros", () => 0],
      ["one number everywhere", () => 3],
      ["an image of zeros among others", (i) => (i < size ? 0 : Math.cos(i))],
      ["two images alike", (i) => Math.cos(i % (2 * size) < size ? i % size : i)],
      ["large numbers", (i) => 1e8 * Math.cos(i)],
      ["small numbers", (i) => 1e-8 * Math.cos(i)],
    ])("stays finite for %s", async (_, valueOf) => {
      const student = Float32Array.from({ length: images * size }, (_, i) => valueOf(i));
      for (const [s, t] of [
        [student, teacher],
        [student, student],
        [teacher, student],
      ] as const) {
        const { loss, gradient } = await evaluate(s, t);
        expect(loss).toSatisfy(Number.isFinite);
        expect([...gradient].every(Number.isFinite)).toBe(true);
      }
    });

    test("stays finite for a batch of one", async () => {
      const { loss, gradient } = await evaluate(wave(size), teacher.slice(0, size), 1);
      expect(loss).toSatisfy(Number.isFinite);
      expect([...gradient].every(Number.isFinite)).toBe(true);
    });
  });

  test("distances and angles far from 0 are those around it", async () => {
    const [s, t] = [input("student", [16, 24]), input("teacher", [16, 24])];
    const { distance, angle } = relationLosses(s, t);
    const total = add(distance, angle);
    const program = await engine.compile({ outputs: { total, gradient: gradients(total, [s])[0]! }, updates: [] });
    const at = (offset: number) => Float32Array.from({ length: s.size }, (_, i) => offset + Math.cos(i * i));
    const run = (offset: number) => program.run({ student: at(offset), teacher: wave(s.size) });
    const [near, far] = [await run(0), await run(100)];
    program.close();
    expect(far["total"]![0]! / near["total"]![0]!).toBeCloseTo(1, 4);
    const largest = Math.max(...near["gradient"]!.map(Math.abs));
    for (const [i, slope] of near["gradient"]!.entries())
      expect(Math.abs(far["gradient"]![i]! - slope) / largest).toBeLessThan(1e-4);
  });

  test("a vector of zeros stays one and gets no gradient", async () => {
    const x = input("x", [2, 2]);
    const unit = normalise(x);
    const outputs = { unit, gradient: gradients(sum(mul(unit, input("w", [2, 2]))), [x])[0]! };
    const program = await engine.compile({ outputs, updates: [] });
    const values = await program.run({ x: Float32Array.of(0, 0, 3, -4), w: Float32Array.of(1, 2, 5, 0) });
    const close = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 6));
    expect([...values["unit"]!]).toEqual(close([0, 0, 0.6, -0.8]));
    // (w - (w·u) u) / |x|
    expect([...values["gradient"]!]).toEqual(close([0, 0, 0.64, 0.48]));
  });
});

test("maps are compared at the smaller height and width of both, whether these divide the larger or not", () => {
  expect(commonSize("at", [2, 5, 6, 6], [2, 7, 4, 4])).toEqual([4, 4]);
  expect(commonSize("at", [2, 5, 8, 3], [2, 7, 4, 4])).toEqual([4, 3]);
  expect(pooledTo(input("x", [2, 5, 7, 6]), [4, 4]).shape).toEqual([2, 5, 4, 4]);
  expect(() => commonSize("at", [2, 5, 6, 6], [2, 7])).toThrow(/for the student and \[2, 7\] for the teacher/);
});
