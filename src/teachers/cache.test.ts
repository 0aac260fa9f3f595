/** @file The targets of outputs: which side of an image each is of, by the views that are kept. */
import { expect, test } from "vitest";
import { findMethod, objective } from "../distill/index.ts";
import { learner } from "../distill/learner.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { createModel } from "../models/index.ts";
import { result } from "../train/events.ts";
import { cacheTargets, type CacheTargetsOptions } from "./cache.ts";
import { teacherPlaceholder } from "./placeholder.ts";
import { LOGITS, type TeacherOutputs } from "./teacher.ts";

const student = createModel("LightNN");
const [images, classes] = [3, 10];

/** Logits that say of which image and class they are, and on which side. */
const outputs = (side: number): TeacherOutputs => ({
  name: "sides",
  count: images,
  shapes: new Map([[LOGITS, [classes]]]),
  read: async (from, to) => ({
    [LOGITS]: Float32Array.from({ length: (to - from) * classes }, (_, i) => side + from * classes + i),
  }),
});
const plain = outputs(0);
const mirrored = outputs(1000);
const rows = (side: number) => Array.from({ length: images * classes }, (_, i) => side + i);

async function targets(options: Pick<CacheTargetsOptions, "mirrored" | "views">) {
  const engine = referenceEngine();
  try {
    const teacher = teacherPlaceholder(plain, student);
    const subject = learner(student, objective(findMethod("kd")), teacher);
    // Batches of two: the last is short.
    const caches = await result(cacheTargets({ engine, outputs: plain, teacher, batchSize: 2, ...options }, [subject]));
    const [target] = Object.values(caches[0]!);
    return { values: [...target!.values], mirrored: target!.mirrored && [...target!.mirrored] };
  } finally {
    await engine.close();
  }
}

test("each side has its own targets where there are outputs of both, and no other view is named", async () => {
  const both = { values: rows(0), mirrored: rows(1000) };
  expect(await targets({ mirrored })).toEqual(both);
  expect(await targets({ mirrored, views: "flip" })).toEqual(both);
});

test("of the image alone the mirrored outputs are left out; the mean is that of both sides", async () => {
  expect(await targets({})).toEqual({ values: rows(0), mirrored: undefined });
  expect(await targets({ mirrored, views: "image" })).toEqual({ values: rows(0), mirrored: undefined });
  expect(await targets({ mirrored, views: "mean" })).toEqual({ values: rows(500), mirrored: undefined });
});

test.each(["flip", "mean"] as const)("without mirrored outputs, %s is refused", async (views) => {
  await expect(targets({ views })).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(/give mirrored$/),
  });
});
