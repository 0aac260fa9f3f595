/** @file Which methods depend on the classes that a teacher tells, found by recording them. */
import { describe, expect, test } from "vitest";
import { methods, objective, objectiveNamed, type AnyMethod } from "../distill/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { createModel, ensemble } from "../models/index.ts";
import { initialise } from "../nn/index.ts";
import { adam } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { shapes } from "../data/shapes.ts";
import { result } from "./events.ts";
import { learner } from "../distill/learner.ts";
import { usesTeacherClasses } from "./teacher-classes.ts";
import { cacheTeacherOutputs } from "./teacher-cache.ts";
import { train } from "./train.ts";

/** By their definitions: those on logits, and those on the teacher's classifier. */
const onClasses = new Set("kd dkd nkd wsld dist mlkd crld ttm wttm rld ctkd sdd catkd srrl srd simkd".split(" "));
const table: readonly AnyMethod[] = Object.values(methods);

describe.each([10, 7])("a student of ten classes and a teacher of %i", (classes) => {
  const teacher = createModel("resnet8x4", { classes });

  test.each(table.map((method) => [method.name, method] as const))("%s", (name, method) => {
    const subject = learner(createModel("resnet8"), objective(method), teacher, { images: 20 });
    expect(usesTeacherClasses(subject)).toBe(onClasses.has(name));
  });
});

test("of several methods one is enough, and so is one of several teachers' logits", () => {
  const uses = (method: string, teacher = createModel("resnet8x4", { classes: 7 })) =>
    usesTeacherClasses(learner(createModel("resnet8"), objectiveNamed(method), teacher, { images: 20 }));
  expect([uses("at+crd"), uses("at+kd")]).toEqual([false, true]);
  const several = ensemble([createModel("resnet8"), createModel("resnet14")]);
  expect(uses("kd", several)).toBe(true);
});

describe("a training by a teacher of other classes", () => {
  const dataset = shapes({ train: 8, test: 4 });
  async function trained(method: string) {
    const engine = referenceEngine();
    const teacher = createModel("resnet8", { classes: 1000 });
    const subject = learner(createModel("resnet8"), objectiveNamed(method), teacher, { images: 8 });
    const all = [
      initialise(teacher.module, torchRandom(1)),
      initialise(subject.model.module, torchRandom(2), Object.values(subject.auxiliaries)),
    ];
    for (const values of all) for (const [state, value] of values) await engine.write(state, value);
    const [teacherCache] = await result(cacheTeacherOutputs({ engine, model: teacher, dataset }, [subject]));
    const options = {
      engine,
      learner: subject,
      dataset,
      optimiser: adam(),
      epochs: 1,
      batchSize: 4,
      random: torchRandom(3),
    };
    return result(train({ ...options, teacherCache: teacherCache! }));
  }

  test("goes by its features", async () => {
    const [epoch] = await trained("embed");
    expect(Object.keys(epoch!.terms)).toEqual(["cosine", "similarity", "ce"]);
  });

  test("is refused where its logits are used, both numbers said", async () => {
    await expect(trained("kd")).rejects.toMatchObject({
      code: "SHAPE",
      message: expect.stringMatching(/resnet8 should give 10 logits .* method kd uses them, but it gives 1000; choose/),
    });
  });
});
