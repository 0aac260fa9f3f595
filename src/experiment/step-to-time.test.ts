/** @file The step that is timed to say what a run costs is the one that the run has. */
import { expect, test } from "vitest";
import { shapes } from "../data/shapes.ts";
import { findMethod, objective } from "../distill/index.ts";
import { createModel } from "../models/index.ts";
import { namedParameters } from "../nn/index.ts";
import { topologicalOrder } from "../tensor/index.ts";
import { prepareRun, stepToTime } from "./checks.ts";
import { parseConfig } from "./config.ts";
import { planTraining } from "./plan.ts";

const dataset = shapes({ train: 64, test: 10 });
const teacher = createModel("resnet8");

/** Whether the timed step computes the teacher's outputs. */
function runsTeacher(method: "kd" | "fitnet", settings: object): boolean {
  const context = { dataset, config: parseConfig("train", { batchSize: 16, ...settings }) };
  const plan = planTraining({
    name: "student",
    title: "Student",
    model: createModel("LightNN"),
    objective: objective(findMethod(method)),
    seed: 1,
    teacher,
  });
  const { outputs, updates } = stepToTime(context, plan, () => prepareRun(context, plan));
  const nodes = new Set(topologicalOrder([...Object.values(outputs), ...updates.map(({ value }) => value)]));
  return [...namedParameters(teacher.module).values()].some(({ tensor }) => nodes.has(tensor));
}

test.each([
  ["kd", {}, false],
  ["fitnet", {}, false],
  ["kd", { augment: { flip: {} } }, false],
  ["kd", { augment: { crop: {} } }, true],
  ["kd", { augment: { crop: {} }, teacherViews: "mean" }, false],
  ["fitnet", { teacherMemory: 0.01 }, true],
] as const)("%s with %j: the teacher runs in the step: %s", (method, settings, expected) => {
  expect(runsTeacher(method, settings)).toBe(expected);
});
