/** @file A study that tunes, through the command line: equal budgets, the test images looked at once, the same table whoever does it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ShownFolder } from "../../src/cli/ui/folder.ts";
import { limbeck } from "../cli/limbeck.ts";
import { outcomes as outcomesIn } from "./outcomes.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "limbeck-tuning-"));
  await writeFile(join(cwd, "tuned.yaml"), described);
});
afterAll(() => rm(cwd, { recursive: true }));

const described = `data: { dataset: shapes, limit: 64, engine: wasm }
teachers:
  train: { model: LightNN, recipe: { epochs: 1 } }
students: LightNN
methods: dist
recipe: { epochs: 2, batchSize: 32 }
tune: { trials: 4, seeds: 1, halving: 2, validation: 50% }
seeds: 2
force: true
`;

interface Plan {
  readonly runs: readonly {
    readonly id: string;
    readonly row: string;
    readonly role: string;
    readonly seed: number;
    readonly settings: Readonly<Record<string, unknown>>;
  }[];
  readonly tuning: {
    readonly rows: readonly {
      readonly row: string;
      readonly entered: readonly (readonly { readonly trial: number; readonly id: string }[])[];
      readonly draws: readonly Readonly<Record<string, number>>[];
      readonly final: readonly string[];
    }[];
  };
}

const run = (...args: string[]) => limbeck(["study", ...args, "--threads", "1"], { cwd });
const read = async (...path: string[]) => JSON.parse(await readFile(join(cwd, ...path), "utf8"));
const planOf = (folder: string): Promise<Plan> => read(folder, "study.json");

let table: string;
let alone: Readonly<Record<string, unknown>>;

/** The table without times, which differ. */
const tableOf = async (folder: string): Promise<string> => {
  const { stdout } = await limbeck(["compare", folder, "--json"], { cwd });
  return stdout.replaceAll(/"seconds":[\d.e-]+/g, '"seconds":0');
};

describe("one worker", () => {
  beforeAll(async () => {
    const { code, stderr } = await run("tuned.yaml", "--out", "alone");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    alone = await outcomesIn(join(cwd, "alone"));
    table = await tableOf("alone");
  });

  test("every row has the same budget: trials, and epochs of all rungs together", async () => {
    const { runs } = await planOf("alone");
    const budget = (row: string): readonly unknown[] =>
      runs.filter((each) => each.row === row && each.role === "trial").map(({ settings }) => settings["epochs"]);
    expect(budget("student alone")).toEqual([1, 1, 1, 1, 2, 2]);
    expect(budget("dist")).toEqual(budget("student alone"));
  });

  test("no trial looks at the test images, no final run has a trial's seed, and all have different settings", async () => {
    const { runs } = await planOf("alone");
    const of = (role: string) => runs.filter((each) => each.role === role);
    const summaries = (role: string) => Promise.all(of(role).map(({ id }) => read("alone/runs", `${id}.json`)));
    for (const { measuredOn, images } of await summaries("trial"))
      expect([measuredOn, images]).toEqual(["validation", 32]);
    for (const { measuredOn, images } of [...(await summaries("taught")), ...(await summaries("alone"))])
      expect([measuredOn, images]).toEqual([undefined, 64]);
    expect(new Set(of("trial").map(({ seed }) => seed))).toEqual(new Set([0]));
    expect(runs.filter(({ role }) => role === "taught" || role === "alone").map(({ seed }) => seed)).toEqual([
      1, 1, 2, 2,
    ]);
    expect(new Set(runs.map(({ settings }) => JSON.stringify(settings))).size).toBe(runs.length);
  });

  test("the final runs have the settings of the best trial on validation images", async () => {
    const { runs, tuning } = await planOf("alone");
    for (const { entered, draws, final } of tuning.rows) {
      const last = await Promise.all(
        entered[1]!.map(async ({ trial, id }) => ({
          trial,
          accuracy: (await read("alone/runs", `${id}.json`)).accuracy,
        })),
      );
      const most = Math.max(...last.map(({ accuracy }) => accuracy));
      const best = Math.min(...last.filter(({ accuracy }) => accuracy === most).map(({ trial }) => trial));
      expect(final).toHaveLength(2);
      for (const id of final) {
        const { settings } = runs.find((each) => each.id === id)!;
        expect(settings["learningRate"]).toBe(draws[best]!["learningRate"]);
        expect(settings["validation"]).toBeUndefined();
      }
    }
  });

  test("the table has the final runs alone, and states the protocol and what was chosen", async () => {
    const { groups } = JSON.parse(table);
    const { comparison, tuning } = groups[0];
    expect(comparison.rows.map((row: { row: string; seeds: number[] }) => [row.row, row.seeds])).toEqual([
      ["teacher", [1]],
      ["student alone", [1, 2]],
      ["dist", [1, 2]],
    ]);
    expect(comparison.rows[2].tuned).toMatchObject({ trials: 4, failed: 0, epochs: 8 });
    expect(comparison.notes.join("\n")).toMatch(
      /validation images, 50% .*4 trials for each row[^]*dist: learning rate/,
    );
    expect(tuning.rows).toHaveLength(2);
    const live = await new ShownFolder(cwd).study("alone");
    expect(live?.table.groups[0]?.comparison.notes).toEqual(comparison.notes);
    const csv = (await limbeck(["compare", "alone", "--csv"], { cwd })).stdout;
    expect(csv).toMatch(/^dist,.*,4,0,[\d.]+,"learning rate .*interWeight/m);
  });

  test("a study that grows by a method leaves the other rows' trials as they are", async () => {
    const { stdout } = await run("tuned.yaml", "--out", "alone", "--set", 'methods=["dist","kd"]', "--dry-run");
    expect(stdout).toMatch(/^ {2}later +kd: 2 with 2 epochs, 2 final, settings to be chosen$/m);
    expect(stdout).toMatch(/21 runs: 4 new, 17 done; 4 more as trials end$/m);
  });
});

describe("whoever does it, the table is the same bit for bit", () => {
  test("two workers, after others were killed", { timeout: 300_000 }, async () => {
    const claims = (stderr: string): readonly string[] => stderr.match(/^\[\d+\/\d+\] .*$/gm) ?? [];
    for (let time = 0; time < 2; time++)
      await limbeck(["study", "tuned.yaml", "--out", "two", "--threads", "1"], {
        cwd,
        onStderr: (stderr, child) => void (claims(stderr).length >= 6 && child.kill("SIGKILL")),
      });
    const workers = await Promise.all([run("work", "two"), sleep(500).then(() => run("work", "two"))]);
    expect(workers.map(({ code, stderr }) => ({ code, stderr }))).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(await outcomesIn(join(cwd, "two"))).toEqual(alone);
    expect(await tableOf("two")).toBe(table);
    const claimed = workers
      .flatMap(({ stderr }) => claims(stderr))
      .map((line) => line.replace(/^\[.*?\] |, resumed/g, ""));
    expect(claimed.length).toBeGreaterThan(4);
    expect(new Set(claimed).size).toBe(claimed.length);
  });

  test("shards on folders of their own, joined", { timeout: 300_000 }, async () => {
    for (const shard of ["1/2", "2/2"]) {
      const folder = `shard-${shard[0]}`;
      expect((await run("tuned.yaml", "--out", folder, "--plan-only")).code).toBe(0);
      expect(Object.keys(await planOf(folder))).toEqual(["limbeck", "description", "runs", "tuning"]);
      const shown = await limbeck(["show", folder, "--json"], { cwd });
      expect(JSON.parse(shown.stdout)).toMatchObject({ counts: { new: 9 }, toCome: 8 });
      const { code, stderr } = await run("work", folder, "--shard", shard);
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
    const { stdout } = await limbeck(["study", "merge", "shard-1", "shard-2"], { cwd });
    expect(stdout).toContain("17 of 17 runs");
    expect(await outcomesIn(join(cwd, "shard-1"))).toEqual(alone);
    expect(await tableOf("shard-1")).toBe(table);
  });
});

describe("trials that fail", () => {
  const module = (body: string): string =>
    `export const method = { name: "fails", title: "Fails", summary: "Fails.", options: { power: { default: 1, description: "a number", allowed: { kind: "number", bounds: {} }, search: { from: 0.1, to: 2, scale: "linear" } } }, needsTeacher: true, labels: { weight: 1 }, weights: () => ({}), losses(batch, { power }) { ${body} return {}; } };`;
  const failing = async (name: string, body: string) => {
    await writeFile(join(cwd, `${name}.mjs`), module(body));
    await writeFile(
      join(cwd, `${name}.yaml`),
      described.replace("methods: dist", `methods: ./${name}.mjs`).replace("seeds: 2", "seeds: 1"),
    );
    return run(`${name}.yaml`, "--out", name);
  };

  test("a failed trial is the worst, and the table says so", async () => {
    const { code, stdout, stderr } = await failing("some", "if (power === 1) throw Error('so');");
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("some.mjs: 1 of its trials failed and count as the worst"),
    });
    const [, row] = (await planOf("some")).tuning.rows;
    expect(row!.entered[1]!.map(({ trial }) => trial)).not.toContain(0);
  });

  test("a row whose trials all failed is reported, and the others are done", async () => {
    const { code, stdout, stderr } = await failing("all", "throw Error('so');");
    expect(code).toBe(1);
    expect(stdout).toMatch(/all.mjs: all of its trials failed, so no settings could be chosen/);
    expect(stdout).toMatch(/^student alone +1 /m);
    expect(stderr).toContain("4 of the runs failed twice");
  });
});

test("bad descriptions are refused", async () => {
  const refused = async (from: string, to: string): Promise<string> => {
    await writeFile(join(cwd, "bad.yaml"), described.replace(from, to));
    const { code, stderr } = await run("bad.yaml", "--out", "bad");
    expect(code).not.toBe(0);
    return stderr;
  };
  expect(await refused("trials: 4", "trials: 1")).toContain("line 7, tune");
  expect(await refused("trials: 4", "trails: 4")).toContain('unknown key "trails"; did you mean trials?');
  expect(await refused("trials: 4", "trials: 4, seed: 2")).toContain("is one of the study's seeds");
  expect(await refused("trials: 4", "trials: 4, learningRate: [1, 0.1]")).toContain("the lower end should come first");
  expect(await refused("epochs: 2", "epochs: 2, tested: false, validation: 10%")).toContain("leave out tested: false");
});

test(
  "each trial has two seeds by default, none of the study's, and their mean chooses",
  { timeout: 300_000 },
  async () => {
    await writeFile(
      join(cwd, "seeds.yaml"),
      described
        .replace("trials: 4, seeds: 1, halving: 2,", "trials: 3, halving: 100,")
        .replace("seeds: 2\n", "seeds: [1, 3]\n"),
    );
    const { code, stdout, stderr } = await run("seeds.yaml", "--out", "seeds");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "Each trial is trained with the seeds 0, 2, and its mean accuracy counts.",
    );
    const { runs, tuning } = await planOf("seeds");
    for (const { row, entered, draws, final } of tuning.rows) {
      expect(entered.map(({ length }) => length)).toEqual([6]);
      const last = await Promise.all(
        entered[0]!.map(async ({ trial, id }) => ({ trial, ...(await read("seeds/runs", `${id}.json`)) })),
      );
      const trials = [...new Set(last.map(({ trial }) => trial))].toSorted((a, b) => a - b);
      const means = trials.map((trial) => {
        const own = last.filter((each) => each.trial === trial);
        expect(own.map(({ seed }) => seed)).toEqual([0, 2]);
        return (own[0].accuracy + own[1].accuracy) / 2;
      });
      const best = trials[means.indexOf(Math.max(...means))]!;
      const settings = final.map((id) => runs.find((each) => each.id === id)!.settings);
      expect(settings.map(({ seed, learningRate }) => [seed, learningRate])).toEqual([
        [1, draws[best]!["learningRate"]],
        [3, draws[best]!["learningRate"]],
      ]);
      const { groups } = JSON.parse((await limbeck(["compare", "seeds", "--json"], { cwd })).stdout);
      const { tuned } = groups[0].comparison.rows.find((each: { row: string }) => each.row === row);
      expect(tuned).toMatchObject({ trials: 3, seeds: [0, 2], epochs: 12, trial: best + 1 });
      expect(tuned.validationAccuracy).toBeCloseTo(Math.max(...means), 9);
    }
  },
);

test("trials are set by themselves, and by the quick form", async () => {
  const { stdout } = await run("tuned.yaml", "--out", "none", "--set", "tune.trials=2", "--dry-run");
  expect(stdout).toMatch(/^none: 5 runs: 5 new; 6 more/m);
  const teacher = (await planOf("alone")).runs[0]!.id;
  const quick = await run(
    "shapes",
    "--teacher",
    join("alone/runs", teacher),
    "--tune",
    "3",
    "--dry-run",
    "--out",
    "none",
  );
  expect(quick.stdout).toMatch(/^none: 12 runs: 12 new; /m);
});
