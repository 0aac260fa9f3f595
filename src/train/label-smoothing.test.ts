/** @file Smoothed labels in a training: which losses have them, and who is refused them. */
import { expect, test } from "vitest";
import { findMethod, methods, objective, type AnyMethod, type Objective } from "../distill/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { torchRandom } from "../random/index.ts";
import { fewImages, smallStudent, smallTeacher, writeValues } from "../../test/distill/small.ts";
import { result } from "./events.ts";
import { learner } from "../distill/learner.ts";
import { train } from "./train.ts";
import { sgd } from "../optim/index.ts";
import type { TrainOptions } from "./options.ts";

const dataset = fewImages(4);
const views = objective(methods.mlkd, {}, "views");
const { labels: _, ...teacherOnly }: AnyMethod = findMethod("kd");

/** The losses of one step on all images, before anything is learnt. */
async function firstLosses(of: Objective, options: Partial<TrainOptions> = {}) {
  const engine = referenceEngine({ precision: "float64" });
  const teacher = of.needsTeacher ? smallTeacher() : undefined;
  const subject = learner(smallStudent(), of, teacher);
  await writeValues(engine, subject);
  const settings = { dataset, epochs: 1, batchSize: 4, optimiser: sgd(), random: torchRandom(1) };
  const [epoch] = await result(train({ engine, learner: subject, ...settings, ...options }));
  return epoch!.terms;
}

test("every cross entropy with the labels is smoothed, as method ls has it, and no other loss", async () => {
  const [plain, smoothed] = [await firstLosses(views), await firstLosses(views, { labelSmoothing: 0.3 })];
  const { ce } = await firstLosses(objective(methods.ls, { smoothing: 0.3 }));
  expect(smoothed["ce"]).toBeCloseTo(ce!, 12);
  expect(smoothed["ce"]).not.toBeCloseTo(plain["ce"]!, 4);
  expect(smoothed["strongCe"]).not.toBeCloseTo(plain["strongCe"]!, 4);
  for (const name of ["kd", "batch", "class", "strongKd"]) expect(smoothed[name], name).toBe(plain[name]);
});

test.each([objective(methods.ls), objective(teacherOnly)])(
  "method $name has no such loss, or smooths itself, and is refused",
  async (of) => {
    await expect(firstLosses(of, { labelSmoothing: 0.1 })).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(/has no cross entropy with the labels that labelSmoothing could smooth/),
    });
  },
);

test.each([1, -0.1, Number.NaN])("a share of %o is refused", async (labelSmoothing) => {
  await expect(firstLosses(views, { labelSmoothing })).rejects.toMatchObject({ code: "ARGUMENT" });
});
