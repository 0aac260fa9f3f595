/** @file examples/hub: from a hub on this machine, which has a small ONNX file, a student that agrees with its teacher. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { colourTeacher, preprocessing, teacherClasses } from "../cli/colour-teacher.ts";
import { node } from "../cli/limbeck.ts";
import { writePhotos } from "../cli/write-photos.ts";
import { startHub, type TestHub } from "../hub/hub-server.ts";
import { copied } from "./project.ts";

let folder: string;
let hub: TestHub;
beforeAll(async () => {
  folder = await copied("hub");
  await writePhotos(join(folder, "photos"), 20);
  const { mean, std, resize: side } = preprocessing;
  const size = { height: side, width: side };
  const described = {
    do_resize: true,
    size,
    resample: 2,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
  };
  const files = {
    "onnx/model.onnx": colourTeacher({ metadata: {} }),
    "preprocessor_config.json": JSON.stringify({ ...described, image_mean: mean, image_std: std }),
    "config.json": JSON.stringify({ id2label: { ...teacherClasses } }),
  };
  hub = await startHub({ "somebody/colours": { revisions: { main: files } } });
});
afterAll(async () => {
  await hub?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const start = (...args: readonly string[]) =>
  promisify(execFile)(node, ["distill.ts", ...args], {
    cwd: folder,
    env: { ...process.env, HF_ENDPOINT: hub.url, HF_HOME: join(folder, "home"), LIMBECK_CACHE: join(folder, "cache") },
  });

test("a repository's classifier teaches a student", async () => {
  const { stdout } = await start("somebody/colours", "photos");
  expect(stdout).toMatch(
    /^teacher: done$[^]*^student-ce: done$[^]*^student: done$[^]*^next: npx limbeck export runs\/hub$/m,
  );
  const { test: tested } = JSON.parse(await readFile(join(folder, "runs/hub/student/run.json"), "utf8"));
  expect(tested.accuracy).toBeGreaterThan(90);
});

test("a repository that is not there is named", async () => {
  await expect(start("somebody/else", "photos", "runs/else")).rejects.toMatchObject({
    stderr: expect.stringContaining("hf:somebody/else is not on the hub"),
  });
});
