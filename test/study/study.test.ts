/** @file Studies through the command line: described, planned, done by one worker or several, killed, repeated, extended. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKept, writeKept } from "../../src/teachers/node/index.ts";
import { limbeck } from "../cli/limbeck.ts";
import { outcomes as outcomesIn } from "./outcomes.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "limbeck-study-"));
  await writeFile(join(cwd, "study.yaml"), described);
});
afterAll(() => rm(cwd, { recursive: true }));

const described = `name: first
data: { dataset: shapes, limit: 64, engine: wasm }
teachers:
  train: { model: LightNN, recipe: { epochs: 1 } }
students: resnet8
methods:
  - kd: { temperature: [2, 4] }
  - dist
recipe: { epochs: 1, batchSize: 16 }
seeds: 1-2
force: true
`;

const run = (...args: string[]) => limbeck(["study", ...args, "--threads", "1"], { cwd });

const outcomes = (folder: string) => outcomesIn(join(cwd, folder));

let alone: Readonly<Record<string, unknown>>;

describe("one worker", () => {
  test("does every run: the teacher, the student alone, each method's options and seeds", async () => {
    const { code, stderr } = await run("study.yaml", "--out", "alone", "--tensorboard");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    alone = await outcomes("alone");
    expect(Object.keys(alone).map((name) => name.replace(/-[0-9a-f]{12}\.json$/, ""))).toEqual([
      "dist-seed-1",
      "dist-seed-2",
      "kd-temperature-2-seed-1",
      "kd-temperature-2-seed-2",
      "kd-temperature-4-seed-1",
      "kd-temperature-4-seed-2",
      "student-alone-seed-1",
      "student-alone-seed-2",
      "teacher",
    ]);
  });

  test("--tensorboard writes event files of the network that each run trains, and names no run anew", async () => {
    const found = await readdir(join(cwd, "alone/runs"), { recursive: true });
    const events = found.filter((path) => path.includes("tfevents")).map((path) => path.split("/")[0]);
    expect(events.toSorted()).toEqual(Object.keys(alone).map((name) => name.replace(".json", "")));
  });

  test("does nothing twice: the same command again trains nothing", async () => {
    const { code, stderr } = await run("study.yaml", "--out", "alone");
    expect(code).toBe(0);
    expect(stderr).not.toContain("epoch");
  });

  test("a module gives the same study", async () => {
    const module = `import { defineStudy } from "limbeck/node";
export default defineStudy({
  data: { dataset: "shapes", limit: 64, engine: "wasm" },
  teachers: { train: { model: "LightNN", recipe: { epochs: 1 } } },
  students: "resnet8",
  methods: [{ kd: { temperature: [2, 4] } }, "dist"],
  recipe: { epochs: 1, batchSize: 16 },
  seeds: 2,
  force: true,
});`;
    await writeFile(join(cwd, "study.mjs"), module);
    const { stdout, stderr } = await run("study.mjs", "--out", "alone", "--dry-run");
    expect({ stdout, stderr }).toMatchObject({ stdout: expect.stringMatching(/9 runs: 9 done$/m) });
  });

  test("before it is begun, it says what it will cost", async () => {
    const { stdout } = await run("study.yaml", "--out", "none", "--dry-run");
    // 64 images in batches of 16, one epoch.
    expect(stdout).toMatch(
      /^ {2}student alone: [\d.]+ M multiply-adds an image, 4 steps of [\d.]+ ms, \d+ MB, 2 × 0\.\d s$/m,
    );
    expect(stdout).toMatch(/^ {2}dist: 2 × .* or more, as the student alone$/m);
    expect(stdout).toContain("Training takes about");
    const { costs } = JSON.parse(
      (await run("study.yaml", "--out", "alone", "--set", "seeds=3", "--dry-run", "--json")).stdout,
    );
    // What others of the row took.
    expect(costs.map((each: object) => (each as { basis: string }).basis)).toEqual(Array(4).fill("finished"));
  });

  test("a study that grows does what is new alone", async () => {
    const { stdout } = await run("study.yaml", "--out", "alone", "--set", "seeds=3", "--dry-run");
    expect(stdout).toMatch(/13 runs: 4 new, 9 done$/m);
  });

  test("other words for the same runs name the same runs", async () => {
    const same = {
      data: { dataset: "shapes", limit: 64, engine: "wasm" },
      teachers: [{ label: "mine", train: { model: "LightNN", recipe: { epochs: 1 } } }],
      students: ["resnet8"],
      methods: ["dist", { kd: { temperature: 4 } }, { kd: { temperature: 2 } }],
      recipe: { batchSize: 16, epochs: 1 },
      seeds: [2, 1],
      force: true,
    };
    await writeFile(join(cwd, "same.json"), JSON.stringify(same));
    const { stdout } = await run("same.json", "--out", "alone", "--dry-run", "--json");
    const identities = (ids: readonly string[]): string[] => ids.map((id) => id.slice(-12)).sort();
    const { runs } = JSON.parse(stdout) as { readonly runs: readonly { readonly id: string }[] };
    expect(identities(runs.map(({ id }) => id))).toEqual(
      identities(Object.keys(alone).map((name) => name.replace(".json", ""))),
    );
  });
});

describe("the comparison", () => {
  test("is a page, too: the study's own, and one of any folders", async () => {
    const own = await readFile(join(cwd, "alone/report.html"), "utf8");
    const { stdout } = await limbeck(["compare", "alone", "--report", "pages/new.html"], { cwd });
    expect(stdout).toContain("student alone");
    const page = await readFile(join(cwd, "pages/new.html"), "utf8");
    for (const each of [own, page]) {
      expect(each).toContain('<th role="rowheader" scope="row">kd, temperature=4</th>');
      expect(each).toContain("<h3>Loss on the labels</h3>");
      for (const id of Object.keys(alone)) expect(each).toContain(id.slice(-17, -5));
    }
    expect(page).toContain("limbeck compare alone --report pages/new.html");
    const { code, stderr } = await limbeck(["compare", "alone", "--report", "alone/report.html/x.html"], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/OUTPUT.*x\.html cannot be written/) });
  });

  const compare = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await limbeck(["compare", ...args], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };

  test("a row for each cell over its seeds, gains paired with the student alone", async () => {
    const { groups } = JSON.parse(await compare("alone", "--json"));
    expect(groups).toHaveLength(1);
    const { rows } = groups[0].comparison;
    expect(rows.map((row: { title: string; seeds: number[] }) => [row.title, row.seeds])).toEqual([
      ["teacher", [1]],
      ["student alone", [1, 2]],
      ["kd, temperature=2", [1, 2]],
      ["kd, temperature=4", [1, 2]],
      ["dist", [1, 2]],
    ]);
    const accuracyOf = (name: string): number =>
      (Object.entries(alone).find(([id]) => id.startsWith(name))![1] as { accuracy: number }).accuracy;
    const gain = [1, 2].map((seed) => accuracyOf(`dist-seed-${seed}`) - accuracyOf(`student-alone-seed-${seed}`));
    expect(rows[4].gain.mean).toBeCloseTo((gain[0]! + gain[1]!) / 2);
  });

  test.each([
    [[], /^Run +n +Test accuracy/m],
    [["--csv"], /^row,title,role,n,seeds/],
    [["--markdown"], /^\| Run \| n \|/m],
    [["--latex"], /\\begin\{tabular\}/],
  ])("as %s", async (form, expected) => {
    expect(await compare("alone", ...form)).toMatch(expected);
  });

  test("of runs that were made one by one", async () => {
    const runs = await readdir(join(cwd, "alone/runs"));
    const folders = runs
      .filter((name) => /^(dist|student-alone).*[0-9a-f]{12}$/.test(name))
      .map((name) => join("alone/runs", name));
    expect(folders).toHaveLength(4);
    const { groups } = JSON.parse(await compare(...folders, "--json"));
    expect(groups[0].comparison.rows.map((row: { title: string; seeds: number[] }) => row.seeds)).toEqual([
      [1, 2],
      [1],
      [1, 2],
    ]);
    expect(groups[0].comparison.rows[0].gain.n).toBe(2);
  });

  test("a folder that holds nothing is refused", async () => {
    const { stderr, code } = await limbeck(["compare", "nowhere"], { cwd });
    expect(stderr).toContain("nowhere holds no study and no finished run");
    expect(code).toBe(1);
  });
});

describe("several workers on one folder", () => {
  test("two do each run once, and end with the same bits", async () => {
    const workers = await Promise.all([run("study.yaml", "--out", "two"), sleep(1500).then(() => run("work", "two"))]);
    expect(workers.map(({ code }) => code)).toEqual([0, 0]);
    expect(await outcomes("two")).toEqual(alone);
    const claimed = workers.flatMap(({ stderr }) => stderr.match(/^\[\d+\/9\] .*$/gm) ?? []);
    expect(claimed).toHaveLength(9);
    expect(new Set(claimed.map((line) => line.replace(/^\[.*?\] /, ""))).size).toBe(9);
  });

  test("several at once, which the command starts itself: the same bits, each run once", async () => {
    const { code, stderr } = await limbeck(["study", "study.yaml", "--out", "at-once", "--at-once", "2"], { cwd });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("2 runs at a time") });
    expect(await outcomes("at-once")).toEqual(alone);
    expect(stderr.match(/^\[\d+\/\d+\]/gm)).toHaveLength(9);
    expect(stderr).not.toContain("failed");
  });

  for (const signal of ["SIGINT", "SIGKILL"] as const)
    test(`${signal} to the command that started others: they save and end, and the rest is done later`, async () => {
      const out = `ended-by-${signal}`;
      let isKilled = false;
      const { code } = await limbeck(["study", "study.yaml", "--out", out, "--at-once", "2"], {
        cwd,
        onStderr: (stderr, child) => {
          if (isKilled || (stderr.match(/^\[/gm) ?? []).length < 3) return;
          isKilled = child.kill(signal); // once: the second would end it unsaved
        },
      });
      expect(code).toBe(signal === "SIGINT" ? 130 : null);
      const locked = async () => (await readdir(join(cwd, out, "runs"))).filter((name) => name.endsWith(".lock"));
      // Of the killed process, its own lock is left.
      await expect.poll(async () => (await locked()).length, { timeout: 20_000 }).toBeLessThan(2);
      const before = Object.keys(await outcomes(out)).length;
      await sleep(1500);
      expect(Object.keys(await outcomes(out))).toHaveLength(before);
      expect((await run("work", out)).code).toBe(0);
      expect(await outcomes(out)).toEqual(alone);
    });

  test(
    "three, killed ten times at random, what is left is finished with the same bits",
    { timeout: 300_000 },
    async () => {
      await run("study.yaml", "--out", "killed", "--plan-only");
      const kills = { left: 10 };
      const worker = async (): Promise<void> => {
        while (kills.left > 0) {
          let isBegun = false;
          await limbeck(["study", "work", "killed", "--threads", "1"], {
            cwd,
            onStderr: (stderr, child) => {
              if (isBegun || !stderr.startsWith("[") || kills.left <= 0) return;
              kills.left--;
              isBegun = true;
              setTimeout(() => child.kill("SIGKILL"), 600 * Math.random());
            },
          });
          if (Object.keys(await outcomes("killed")).length === 9) break;
        }
      };
      await Promise.all([worker(), worker(), worker()]);
      const { code } = await run("work", "killed");
      expect(code).toBe(0);
      expect(await outcomes("killed")).toEqual(alone);
    },
  );

  test("shards leave each other's runs alone", async () => {
    const first = await run("study.yaml", "--out", "shards", "--dry-run");
    expect(first.code).toBe(0);
    expect((await run("work", "shards")).stderr).toContain("error OUTPUT");
  });
});

test("what the teacher says is computed once and read by other workers; a damaged file is computed again", async () => {
  const targets = join(cwd, "two", "targets");
  const again = async (): Promise<unknown> => {
    const runs = (await readdir(join(cwd, "two/runs"))).filter((name) => name.startsWith("dist-seed-2"));
    for (const name of runs) await rm(join(cwd, "two/runs", name), { recursive: true });
    expect((await run("work", "two")).code).toBe(0);
    return outcomes("two");
  };
  const files = await readdir(targets);
  // Of dist, and of kd with each temperature.
  expect(files).toHaveLength(3);
  const whole = await Promise.all(files.map((name) => readFile(join(targets, name))));
  expect(await again()).toEqual(alone);
  expect(await Promise.all(files.map((name) => readFile(join(targets, name))))).toEqual(whole);
  for (const name of files) await writeFile(join(targets, name), whole[0]!.subarray(0, -4));
  expect(await again()).toEqual(alone);
  const mended = await Promise.all(files.map((name) => readFile(join(targets, name))));
  expect(mended.filter((bytes, i) => bytes.equals(whole[i]!))).toHaveLength(1);
  // That it is read at all shows where it says something else.
  for (const name of files) {
    const tensors = await readKept(join(targets, name));
    const opposite = [...(tensors ?? [])].map(
      ([path, { shape, values }]) => [path, { shape, values: values.map((each) => -each) }] as const,
    );
    await writeKept(targets, name, new Map(opposite));
  }
  expect(await again()).not.toEqual(alone);
});

test("a run that is the teacher and a student alone is trained once, and counts as both; a method by two names has two rows", async () => {
  const recipe = { epochs: 1, batchSize: 16 };
  const study = {
    data: { dataset: "shapes", limit: 64, engine: "wasm" },
    teachers: { train: { model: "resnet8", recipe } },
    students: "resnet8",
    methods: ["kd", "kd", { kd: { temperature: 2 } }],
    recipe,
    seeds: 2,
    force: true,
  };
  await writeFile(join(cwd, "same.json"), JSON.stringify(study));
  const { code, stdout, stderr } = await run("same.json", "--out", "same", "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const [{ comparison }] = JSON.parse(stdout).groups;
  const seeds = comparison.rows.map(({ title, seeds }: Record<string, unknown>) => [title, seeds]);
  expect(seeds).toEqual(
    expect.arrayContaining([
      ["student alone", [1, 2]],
      ["kd", [1, 2]],
      ["kd, temperature=2", [1, 2]],
    ]),
  );
  // The teacher is the student alone with seed 1, and kd's temperature is 2 by default.
  expect(stderr.match(/^  .*: [\d.]+%, /gm)).toHaveLength(4);
});

test("another working folder means the same files, and a teacher that has changed is noticed", async () => {
  const weights = (seed: number): string => {
    const id = Object.keys(alone)
      .find((name) => name.startsWith(`student-alone-seed-${seed}`))!
      .slice(0, -5);
    return join(cwd, "alone/runs", id, "model/model.safetensors");
  };
  await cp(weights(1), join(cwd, "teacher.safetensors"));
  const study = {
    data: { dataset: "shapes", limit: 64, engine: "wasm" },
    teachers: "./teacher.safetensors",
    students: "resnet8",
    recipe: { epochs: 1, batchSize: 16 },
    seeds: 2,
    force: true,
  };
  await writeFile(join(cwd, "file.json"), JSON.stringify(study));
  const begin = await limbeck(["study", "file.json", "--out", "moved", "--threads", "1"], {
    cwd,
    onStderr: (stderr, child) => void (stderr.includes("[1/4]") && child.kill("SIGKILL")),
  });
  expect(begin.code).not.toBe(0);
  const elsewhere = await mkdtemp(join(tmpdir(), "limbeck-study-"));
  const work = () => limbeck(["study", "work", join(cwd, "moved"), "--threads", "1"], { cwd: elsewhere });
  await cp(weights(2), join(cwd, "teacher.safetensors"));
  const changed = await work();
  expect(changed.stderr).toContain("not what they were when the study was planned");
  expect(changed.code).toBe(1);
  await cp(weights(1), join(cwd, "teacher.safetensors"));
  for (const name of await readdir(join(cwd, "moved/runs")))
    if (name.endsWith(".failures.jsonl")) await rm(join(cwd, "moved/runs", name));
  expect(await work()).toMatchObject({ code: 0 });
  expect(Object.keys(await outcomes("moved"))).toHaveLength(4);
  await rm(elsewhere, { recursive: true });
});

describe("bad input", () => {
  test.each([
    ["epochs: 1, ", "epoch: 1, ", 'line 9, recipe: unknown key "epoch"; did you mean epochs?'],
    ["epochs: 1, ", "epochs: many, ", 'line 9, recipe.epochs: expected a number, got "many"'],
    ["seeds: 1-2", "seeds: 0", "line 10, seeds:"],
    ["teachers:", "teacher:", 'unknown key "teacher"; did you mean teachers?'],
    ["temperature: [2, 4]", "temperature: [2, -4]", "kd, temperature=-4, seed 1: options of method kd"],
    ["- dist", "- dest", "dest, seed 1: unknown method"],
    ["students: resnet8", "students: resnet9", 'unknown model "resnet9"'],
    ["name: first", "name: [", "is not YAML"],
  ])("%s -> %s", async (from, to, message) => {
    await writeFile(join(cwd, "bad.yaml"), described.replace(from, to));
    const { code, stderr } = await run("bad.yaml", "--out", "bad");
    expect(stderr).toContain(message);
    expect(code).not.toBe(0);
    expect(await readdir(cwd)).not.toContain("bad");
  });

  test("a folder that holds something else is left alone", async () => {
    await writeFile(join(cwd, "notes.txt"), "mine");
    const { stderr } = await run("study.yaml", "--out", ".");
    expect(stderr).toContain("is no study's folder");
  });

  test("a run that fails twice is set aside, the others are done, and the exit code says so", async () => {
    const failing = described.replace("  - dist\n", "  - dist\n  - ./fails.mjs\n").replace("seeds: 1-2", "seeds: 1");
    await writeFile(join(cwd, "failing.yaml"), failing);
    const method = `{ name: "fails", title: "Fails", summary: "Fails.", options: {}, needsTeacher: true, labels: { weight: 1 }, weights: () => ({}), losses() { throw Error("so"); } }`;
    await writeFile(join(cwd, "fails.mjs"), `export const method = ${method};`);
    const { code, stderr } = await run("failing.yaml", "--out", "failing");
    expect(stderr).toContain("set aside");
    expect(stderr).toContain("fails.mjs");
    expect(code).toBe(1);
    expect(Object.keys(await outcomes("failing"))).toHaveLength(5);
  });
});

test("an error of --json is JSON on stdout", async () => {
  const { code, stdout } = await run("study.yaml", "--out", "alone", "--set", "seeds=0", "--json");
  expect({ code, failure: JSON.parse(stdout) }).toMatchObject({ code: 2, failure: { error: { code: "CONFIG" } } });
});

test("the quick form gives options to the methods that have them", async () => {
  const args = ["shapes", "--teacher", "alone", "--methods", "kd,dist", "--seeds", "2", "--out", "quick"];
  const { stdout, stderr } = await run(...args, "--option", "kd.temperature=2,4", "--dry-run");
  expect(stderr).toContain("alone holds");
  expect(stdout).toBe("");
  const teacher = join(
    "alone",
    "runs",
    Object.keys(alone)
      .find((name) => name.startsWith("teacher"))!
      .slice(0, -5),
  );
  const planned = await run(...args.with(2, teacher), "--option", "kd.temperature=2,4", "--dry-run");
  expect(planned.stdout.match(/^ {2}new +(.*)$/gm)?.map((line) => line.slice(12))).toEqual([
    "student alone, seed 1",
    "kd, temperature=2, seed 1",
    "kd, temperature=4, seed 1",
    "dist, seed 1",
    "student alone, seed 2",
    "kd, temperature=2, seed 2",
    "kd, temperature=4, seed 2",
    "dist, seed 2",
  ]);
  const unknown = await run(...args.with(2, teacher), "--option", "warmth=2", "--dry-run");
  expect(unknown.stderr).toContain("warmth");
});
