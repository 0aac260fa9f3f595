/** @file Training on unequal classes: what is said at the start, and what records and reports hold. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeReport } from "../../src/cli/report-file.ts";
import { createTrainer } from "../../src/entries/index.ts";
import { openExperiment } from "../../src/entries/node.ts";
import { namedStates } from "../../src/nn/index.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { RunRecord } from "../../src/experiment/record.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-balance-"));
  const module = (unequal: boolean): string => `const side = 8;
    const split = (counts) => {
      const labels = Uint8Array.from(counts.flatMap((count, label) => new Array(count).fill(label)));
      return { count: labels.length, labels, image: (i) => new Uint8Array(3 * side * side).fill(30 + 80 * labels[i] + i % 7) };
    };
    const counts = ${unequal ? "[40, 16, 4]" : "[20, 20, 20]"};
    export const dataset = { name: "grey", classes: ["dark", "mid", "light"], shape: [3, side, side], mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2],
      train: split(counts), test: split(counts.map((count) => count / 2)) };`;
  await writeFile(join(root, "unequal.mjs"), module(true));
  await writeFile(join(root, "equal.mjs"), module(false));
});
afterAll(() => rm(root, { recursive: true }));

const config = {
  engine: "wasm",
  threads: 1,
  batchSize: 16,
  epochs: 2,
  seed: 3,
  model: "resnet8",
  latency: false,
} as const;

async function run(out: string, given: Readonly<Record<string, unknown>>) {
  const experiment = await openExperiment("train", { ...config, ...given }, { out, resume: false });
  const [runs, notes]: [RunRecord[], string[]] = [[], []];
  try {
    const work = experiment.run();
    let next = await work.next();
    for (; !next.done; next = await work.next()) {
      if (next.value.kind === "run-end") runs.push(next.value.record);
      if (next.value.kind === "note" && next.value.about === undefined) notes.push(next.value.text);
    }
    const { folder, dataset } = experiment;
    await writeReport({ folder, dataset, results: next.value, runs, command: "limbeck train" });
    return { record: runs[0]!, notes, results: next.value, page: await readFile(join(out, "report.html"), "utf8") };
  } finally {
    await experiment.close();
  }
}

const warning =
  /^classes are unequal: 40 of the 60 training images are of dark \(66\.7%\) and 4 of light,.*balanced accuracy.*--balance weights/;

test("a training on unequal classes is warned of, and its figures are in records and report; one that balances them says how", async () => {
  const dataset = join(root, "unequal.mjs");
  const plain = await run(join(root, "plain"), { dataset });
  expect(plain.notes.filter((note) => warning.test(note))).toHaveLength(1);
  expect(plain.record.test).toMatchObject({ isUnequal: true, largestClass: { label: 0, images: 20 } });
  const { balancedAccuracy } = plain.record.test;
  expect(plain.results.runs[0]).toMatchObject({ balancedAccuracy, largestClass: { images: 20 } });
  expect(plain.page).toMatch(/always answering dark is right\s+for 66\.67%/);
  expect(plain.record.balance).toBeUndefined();

  const losses = [plain.record.epochs[0]!.loss];
  const told = {
    weights: "counted in the labels' loss by its inverse frequency",
    sampler: "images were drawn so that",
  };
  for (const balance of ["weights", "sampler"] as const) {
    const { record, notes, page } = await run(join(root, balance), { dataset, balance });
    expect(notes.filter((note) => note.includes("unequal"))).toEqual([]);
    expect(record.balance).toBe(balance);
    const written = JSON.parse(await readFile(join(root, balance, "model/run.json"), "utf8")) as RunRecord;
    expect(written.balance).toBe(balance);
    expect(page.replaceAll("&#39;", "'")).toContain(told[balance]);
    losses.push(record.epochs[0]!.loss);
  }
  expect(new Set(losses).size).toBe(3);
});

test("equal classes are nothing to warn of", async () => {
  const { notes, record, page } = await run(join(root, "equal"), { dataset: join(root, "equal.mjs") });
  expect(notes.filter((note) => note.includes("unequal"))).toEqual([]);
  expect(record.test.isUnequal).toBe(false);
  expect(page).not.toMatch(/[Bb]alanced accuracy/);
});

test.each(["weights", "sampler"] as const)("a trainer takes the same setting: %s", async (balance) => {
  const whole = shapes({ train: 60, test: 20 });
  const labels = whole.train.labels.map((label) => (label < 7 ? 0 : label));
  const dataset = { ...whole, train: { ...whole.train, labels } };
  const settings = { dataset, engine: "wasm", batchSize: 20, epochs: 1 } as const;
  const trained = async (given: { readonly balance?: "weights" | "sampler" }) => {
    const trainer = await createTrainer({ ...settings, ...given });
    try {
      const network = await trainer.train("LightNN");
      const values = await Promise.all(
        [...namedStates(network.module).values()].map((state) => trainer.engine.read(state)),
      );
      return values.map((each) => [...each]);
    } finally {
      await trainer.close();
    }
  };
  const balanced = await trained({ balance });
  expect(balanced).toEqual(await trained({ balance }));
  expect(balanced).not.toEqual(await trained({}));
});
