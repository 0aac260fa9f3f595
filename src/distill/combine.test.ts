import { expect, test } from "vitest";
import { createModel } from "../models/index.ts";
import { recordBatch } from "../train/batch.ts";
import { learner } from "./learner.ts";
import { findMethod, methods, objective, objectiveNamed, type AnyMethod } from "./index.ts";
import { resolve } from "./resolve.ts";

const [student, teacher] = [createModel("LightNN"), createModel("DeepNN")];

test("losses are added, the cross entropy is that of the first", () => {
  const both = objectiveNamed("kd+regressor", { temperature: 4, "regressor.mseWeight": 2, ceWeight: 0.1 });
  expect(both.name).toBe("kd+regressor");
  expect(both.weights).toEqual({ kd: 0.25, ce: 0.1, mse: 2 });
  expect(both.options).toMatchObject({ kd: { temperature: 4, ceWeight: 0.1 }, regressor: { mseWeight: 2 } });
  const subject = learner(student, both, teacher);
  expect(Object.keys(subject.auxiliaries)).toEqual(["regressor/regressor"]);
  const { batch } = recordBatch(subject, 2, {});
  expect(Object.keys(both.losses(batch)).sort()).toEqual(["ce", "kd", "mse"]);
});

test("losses of one name are told apart", () => {
  expect(objectiveNamed("mlkd+kd").weights).toEqual({
    "mlkd.kd": 1.35,
    batch: 0.45 * 0.64,
    class: 0.45 * 0.64 ** 2,
    ce: 0.2,
    "kd.kd": 0.25,
  });
});

test("what a record holds makes the same combination again", () => {
  const once = objectiveNamed("dist+cosine", { "dist.temperature": 2, cosineWeight: 7 });
  expect(objectiveNamed("dist+cosine", once.options).weights).toEqual(once.weights);
});

test("an option has to be somebody's, and one's alone", () => {
  expect(() => objectiveNamed("kd+dist", { temperature: 3 })).toThrow(/kd\.temperature or dist\.temperature/);
  expect(() => objectiveNamed("kd+cosine", { "cosin.cosineWeight": 3 })).toThrow(/did you mean cosine\?/);
  expect(() => objectiveNamed("kd+cosine", { cosinWeight: 3 })).toThrow(/did you mean cosineWeight\?/);
  expect(() => objectiveNamed("kd+cosine", { "cosine.temperature": 3 })).toThrow(/options of method cosine/);
  expect(() => objectiveNamed("kd+kd")).toThrow(/given once/);
  expect(() => objectiveNamed("kd+")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
});

test("the labels' loss is the objective's: a method has only its own, and may not name one as it", () => {
  for (const method of Object.values<AnyMethod>(methods).filter(({ pairs, needsTeacher }) => !pairs && needsTeacher)) {
    const subject = learner(createModel("resnet8"), objectiveNamed(method.name), createModel("resnet14"));
    const { batch } = recordBatch(subject, 2, {});
    expect(Object.keys(method.losses(batch, resolve(method, {}).values))).not.toContain("ce");
  }
  for (const method of Object.values<AnyMethod>(methods))
    expect(Object.keys(objective(method).weights)).toContain("ce");
  const own = { ...findMethod("kd"), weights: () => ({ ce: 1 }) };
  expect(() => objective(own)).toThrow(/^method kd: .*named ce.*give labels/);
});

test("a method that compares places without pairing any is told so", () => {
  const { pairs: _, ...unpaired } = findMethod("at");
  const broken = objective(unpaired);
  const { batch } = recordBatch(learner(student, broken, teacher), 2, {});
  expect(() => broken.losses(batch)).toThrow(/method at compares places, but pairs\(\) gives none/);
});
