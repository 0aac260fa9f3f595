/** @file An experiment that never looks at the test images: networks are measured on the validation images, and everything says so. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeReport } from "../../src/cli/report-file.ts";
import { openExperiment } from "../../src/entries/node.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import { result } from "../../src/train/events.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-no-test-"));
  // A data set whose test images cannot be looked at, but for the first, whose size is checked.
  const module = `const [side, count] = [32, 40];
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
    const image = (i) => new Uint8Array(3 * side * side).fill(40 + 150 * labels[i] + i);
    const unseen = (i) => { if (i > 0) throw new Error("a test image was looked at"); return image(i); };
    export const dataset = { name: "two", classes: ["dark", "light"], shape: [3, side, side], mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2],
      train: { count, image, labels }, test: { count: 10, image: unseen, labels: new Uint8Array(10) } };`;
  await writeFile(join(root, "two.mjs"), module);
});
afterAll(() => rm(root, { recursive: true }));

const config = {
  engine: "wasm",
  threads: 1,
  batchSize: 8,
  epochs: 2,
  validation: 10,
  seed: 3,
  latency: false,
} as const;

async function run(out: string, resume = false) {
  const given = { ...config, dataset: join(root, "two.mjs"), tested: false, trainAccuracy: true };
  const experiment = await openExperiment("train", resume ? undefined : given, { out, resume });
  const runs: RunRecord[] = [];
  try {
    const work = experiment.run();
    let next = await work.next();
    for (; !next.done; next = await work.next()) if (next.value.kind === "run-end") runs.push(next.value.record);
    const { folder, dataset } = experiment;
    await writeReport({ folder, dataset, results: next.value, runs, command: "limbeck train" });
    return { results: next.value, runs };
  } finally {
    await experiment.close();
  }
}

test("networks are measured on the validation images, in records and reports by that name", async () => {
  const out = join(root, "out");
  const { results, runs } = await run(out);
  const [record] = runs;
  expect(record).toMatchObject({ measuredOn: "validation", test: { count: 10 }, train: { count: 30 } });
  expect(record!.test.accuracy).toBe(record!.validation!.accuracy);
  const { best } = record!.validation!;
  expect(best!.accuracy).toBe(Math.max(...record!.epochs.map(({ validationAccuracy = 0 }) => validationAccuracy)));
  const json = async (path: string) => JSON.parse(await readFile(join(out, path), "utf8")) as Record<string, unknown>;
  const written = await json("model/run.json");
  expect(written).not.toHaveProperty("test");
  expect(written["measured"]).toMatchObject({ accuracy: record!.test.accuracy });
  const [row] = (await json("results.json"))["runs"] as Record<string, unknown>[];
  expect(Object.keys(row!).filter((key) => /test/i.test(key))).toEqual([]);
  expect(row).toMatchObject({ measuredAccuracy: record!.test.accuracy, trainAccuracy: record!.train!.accuracy });
  const page = await readFile(join(out, "report.html"), "utf8");
  expect(page).toContain("10 validation images");
  expect(page).toContain("the test images were not looked at");
  expect(page.match(/[^.>]*test image[^.<]*/g)!.filter((text) => !text.includes("not looked at"))).toEqual([]);
  expect((await run(out, true)).results.runs).toEqual(results.runs);
});

test("it takes validation images, whose classes are known", async () => {
  const open = (given: object) =>
    openExperiment("train", { ...config, ...given } as never, { out: join(root, "none") });
  await expect(open({ dataset: "shapes", limit: 20, validation: undefined, tested: false })).rejects.toThrow(
    /tested: .*--no-test/,
  );
  const module = { dataset: join(root, "two.mjs"), validation: undefined, tested: false };
  await expect(open(module)).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(/two has none/),
  });
});

test("with them, the same weights: what is looked at afterwards changes no training", async () => {
  const weights = async (given: object) => {
    const out = await mkdtemp(join(root, "same-"));
    const experiment = await openExperiment("train", { ...config, dataset: "shapes", limit: 40, ...given }, { out });
    await result(experiment.run()).finally(() => experiment.close());
    return readFile(join(out, "model/model.safetensors"));
  };
  const [tested, untested] = [await weights({}), await weights({ tested: false, trainAccuracy: true, tta: "flip" })];
  expect(untested.equals(tested)).toBe(true);
});
