/** @file Which views a teacher's outputs are kept for, by how images are varied and what was asked for. */
import { expect, test } from "vitest";
import { augmentOptions, type AugmentInput } from "../data/augment-options.ts";
import { findMethod, objective } from "../distill/index.ts";
import { createModel } from "../models/index.ts";
import { countMultiplyAdds } from "../nn/index.ts";
import { learner } from "../distill/learner.ts";
import { viewsFor } from "./teacher-plans.ts";
import { costOfTeacher, couldBeKept, keptViews } from "./teacher-views.ts";

const augment = (given: AugmentInput) => augmentOptions.parse(given);
const [none, flip, views, crop] = [{}, augment({ flip: {} }), augment({ crop: {}, flip: {} }), augment({ crop: {} })];

test.each([
  [none, "view", "image", false],
  [none, "flip", "image", false],
  [none, "mean", "mean", false],
  [flip, "view", "flip", false],
  [flip, "flip", "flip", false],
  [flip, "mean", "mean", true],
  [flip, "image", "image", true],
  [views, "flip", "flip", true],
  [views, "mean", "mean", true],
  [crop, "flip", "image", true],
] as const)(
  "%j, %s: the teacher sees %s, which stands for other views: %s",
  (augment, teacherViews, views, isFixed) => {
    expect(keptViews({ augment, teacherViews })).toEqual({ views, isFixed });
  },
);

test("a teacher that is to see each of many views is not kept; one that cannot run in a step sees the image as it is", () => {
  expect(keptViews({ augment: views, teacherViews: "view" })).toBe(undefined);
  const stored = { name: "logits.safetensors", isQueriedMirrored: false };
  expect(viewsFor(stored, { augment: views, teacherViews: "view" })).toEqual({ views: "image", isFixed: true });
  expect(() => viewsFor(stored, { augment: views, teacherViews: "mean" })).toThrow(
    /^the logits of logits.safetensors /,
  );
  const asked = { ...stored, isQueriedMirrored: true };
  expect(viewsFor(asked, { augment: views, teacherViews: "mean" })).toEqual({ views: "mean", isFixed: true });
});

test("a teacher's pass is counted in steps of its student, and what could be kept is offered", () => {
  const [teacher, student] = [createModel("resnet20"), createModel("LightNN")];
  const of = (method: "kd" | "at") => learner(student, objective(findMethod(method)), teacher);
  const [pass, forward] = [teacher, student].map(({ module, inputShape }) => countMultiplyAdds(module, inputShape));
  expect(costOfTeacher(of("kd"))).toBeCloseTo(pass! / forward! / 3, 9);
  expect([couldBeKept(of("kd"), views), couldBeKept(of("at"), views)]).toEqual([true, false]);
  expect(couldBeKept(of("kd"), augment({ flip: {}, mixup: {} }))).toBe(false);
});
