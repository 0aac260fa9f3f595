/** @file Studies on a cluster: a real Slurm, a Kubernetes Job's indices, shards that are merged, clocks that are wrong. The same bits as one worker alone. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Job } from "kubernetes-models/batch/v1";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { limbeck, type RunOptions } from "../cli/limbeck.ts";
import { outcomes } from "./outcomes.ts";
import { noSlurm, startSlurm, type SlurmCluster } from "./slurm-cluster.ts";

let cwd: string;
let alone: Readonly<Record<string, unknown>>;

const run = (args: readonly string[], options: RunOptions = {}) => limbeck(["study", ...args], { cwd, ...options });
const runs = (folder: string): string => join(cwd, folder, "runs");
const done = (folder: string): number => readdirSync(runs(folder)).filter((name) => name.endsWith(".json")).length;
/** A folder with the study's plan, and nothing done. */
const plan = (folder: string) => cp(join(cwd, "planned"), join(cwd, folder), { recursive: true });

const RUNS = 13;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "limbeck-cluster-"));
  const described = `name: twelve
data: { dataset: shapes, limit: 64, engine: wasm }
teachers: { train: { model: LightNN, recipe: { epochs: 1 } } }
students: resnet8
methods: [kd, dist, dkd]
recipe: { epochs: 1, batchSize: 16 }
seeds: 1-3
force: true
`;
  await writeFile(join(cwd, "study.yaml"), described);
  const planned = await run(["study.yaml", "--out", "planned", "--plan-only"]);
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining("13 runs: 13 new") });
  await run(["study.yaml", "--out", "smaller", "--plan-only", "--set", "seeds=1", "--set", "methods=kd"]);
  await plan("alone");
  expect(await run(["work", "alone", "--threads", "1"])).toMatchObject({ code: 0 });
  alone = await outcomes(join(cwd, "alone"));
  expect(Object.keys(alone)).toHaveLength(RUNS);
});
afterAll(() => rm(cwd, { recursive: true }));

describe.skipIf(noSlurm !== "")(`Slurm${noSlurm && ` (skipped: ${noSlurm})`}`, () => {
  let slurm: SlurmCluster;
  beforeAll(async () => {
    await mkdir(join(cwd, "slurm"));
    slurm = await startSlurm(join(cwd, "slurm"));
  });
  afterAll(() => slurm.stop());

  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await sleep(100);
  };
  const running = (): string[] => slurm.call("squeue", "-h", "-t", "R", "-o", "%i").split("\n").filter(Boolean);
  const logs = async (folder: string): Promise<string> => {
    const names = await readdir(join(cwd, folder, "logs"));
    return (await Promise.all(names.map((name) => readFile(join(cwd, folder, "logs", name), "utf8")))).join("\n");
  };

  // NOTE: scancel complains where the task is queued again meanwhile.
  const cancel = (...args: readonly string[]): void => void spawn("scancel", args, { env: slurm.env, stdio: "ignore" });

  test("an array's tasks, one killed, one cancelled, one at its time limit, end with the same bits", async () => {
    const folder = "a study"; // its name has a space
    await plan(folder);
    const { stdout } = await run(["submit", folder, "--slurm", "--workers", "4", "--time", "1:00:00"], slurm);
    expect(stdout).toContain("4 workers");
    await until(() => done(folder) >= 1 && running().length === 2);
    cancel("--batch", "--signal=USR1", running()[0]!); // as Slurm does before the limit
    await until(() => done(folder) >= 3 && running().length === 2);
    cancel(running()[1]!);
    await until(() => done(folder) >= 5);
    const held = readdirSync(runs(folder)).find((name) => name.endsWith(".lock")) ?? "";
    process.kill(JSON.parse(await readFile(join(runs(folder), held), "utf8")).pid, "SIGKILL");
    await until(() => slurm.call("squeue", "-h") === "");
    expect(await outcomes(join(cwd, folder))).toEqual(alone);
    const printed = await logs(folder);
    const jobs = slurm.call("scontrol", "show", "job");
    expect(jobs).toMatch(/Restarts=[1-9]/);
    expect(jobs).toContain("JobState=CANCELLED");
    expect(printed).toContain("Killed");
    // None is done twice.
    const ended = printed.match(/^ {2}.*: [\d.]+%, /gm) ?? [];
    expect(ended.length).toBeGreaterThan(RUNS / 2); // what is printed as a task is killed may be lost
    expect(new Set(ended.map((line) => line.split(":")[0])).size).toBe(ended.length);
    expect((await run(["submit", folder, "--slurm"], slurm)).stdout).toContain("Nothing is left to do");
  });

  test("tasks with --shard do their share each", async () => {
    await cp(join(cwd, "smaller"), join(cwd, "shared"), { recursive: true });
    await run(["submit", "shared", "--slurm", "--workers", "2", "--at-once", "1", "--shard"], slurm);
    await until(() => slurm.call("squeue", "-h") === "");
    expect((await logs("shared")).match(/^\[.*$/gm)?.toSorted()).toEqual([
      "[1/2] teacher",
      "[2/2] kd, seed 1",
      "[2/2] student alone, seed 1",
    ]);
    expect(alone).toMatchObject(await outcomes(join(cwd, "shared")));
  });

  test("more workers than an array may have are refused", async () => {
    const { stderr, code } = await run(["submit", "planned", "--slurm", "--workers", "101"], slurm);
    expect({ stderr, code }).toMatchObject({ code: 2, stderr: expect.stringContaining("takes 100 tasks") });
  });
});

describe("Kubernetes", () => {
  const options = ["--kubernetes", "--image", "registry.example/limbeck:1", "--claim", "studies", "--queue", "team-a"];

  test("the Job fits Kubernetes' schema, and its command, run for each of 12 indices in turn, does the study with the same bits", async () => {
    await plan("job");
    const { code } = await run(["submit", "job", ...options, "--workers", "12", "--memory", "2G"]);
    expect(code).toBe(0);
    const manifest = parse(await readFile(join(cwd, "job", "job.yaml"), "utf8"));
    new Job(manifest).validate();
    expect(() => new Job({ ...manifest, spec: { ...manifest.spec, completions: "three" } }).validate()).toThrow();
    expect(manifest).toMatchObject({
      metadata: { name: "limbeck-job", labels: { "kueue.x-k8s.io/queue-name": "team-a" } },
      spec: { completions: 12, parallelism: 12, completionMode: "Indexed", backoffLimitPerIndex: 3 },
    });
    const [{ command, env }] = manifest.spec.template.spec.containers;
    expect(command[0]).toBe("limbeck");
    const given = Object.fromEntries(env.map(({ name, value }: Record<string, string>) => [name, value]));
    for (let index = 0; index < 12; index++) {
      const before = done("job");
      const worked = await limbeck(command.slice(1), { cwd, env: { ...given, JOB_COMPLETION_INDEX: String(index) } });
      expect(worked.code).toBe(0);
      expect(done("job") - before).toBe(index === 0 ? 2 : 1); // the teacher with the first
    }
    expect(await outcomes(join(cwd, "job"))).toEqual(alone);
  });

  test.each([
    [["--kubernetes", "--image", "limbeck"], "--claim NAME"],
    [["--kubernetes", "--slurm"], "either --slurm or --kubernetes"],
    [[...options, "--partition", "p"], "--partition is for Slurm"],
    [["--slurm", "--image", "limbeck"], "--image is for Kubernetes"],
    [["--slurm", "--time", "3"], "at least five minutes"],
    [["--slurm", "--partition", "p\n#SBATCH --uid=0"], "without spaces"],
    [["--kubernetes", "--claim", "Mine"], "as Kubernetes takes it"],
  ])("%j -> %s", async (args, message) => {
    const { code, stderr } = await run(["submit", "planned", ...args, "--dry-run"]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test("options behind submit and work are theirs, though study has some of the same names", async () => {
    const { stdout } = await run(["submit", "planned", "--slurm", "--workers", "3", "--at-once", "2", "--dry-run"]);
    expect(stdout).toContain("#SBATCH --array=0-2%2\n");
    const { code, stdout: json } = await run(["work", "alone", "--threads", "1", "--json"]);
    expect({ code, studies: JSON.parse(json) }).toMatchObject({ code: 0 });
    const [first = ""] = Object.keys(alone);
    const { threads } = JSON.parse(await readFile(join(runs("alone"), first.slice(0, -5), "config.json"), "utf8"));
    expect(threads).toBe(1);
  });

  test("a worker that is no task of an array refuses --shard auto", async () => {
    expect((await run(["work", "planned", "--shard", "auto"])).stderr).toContain("SLURM_ARRAY_TASK_ID");
  });
});

describe("merge", () => {
  test("shards of machines that share no folder become one study, with the same bits", async () => {
    const shards = ["1/2", "2/2"].map((shard, i) => ({ shard, folder: `machine-${i}` }));
    for (const { shard, folder } of shards) {
      await plan(folder);
      expect((await run(["work", folder, "--shard", shard, "--threads", "1"])).code).toBe(0);
    }
    await plan("joined");
    const merged = await run(["merge", "joined", ...shards.map(({ folder }) => folder)]);
    // Each has trained the teacher.
    expect(merged.stdout).toBe("13 copied, 1 were there. 13 of 13 runs of joined are done.\n");
    expect(await outcomes(join(cwd, "joined"))).toEqual(alone);
  });

  test("copies what is planned, replaces what was begun, keeps what is there, and counts the rest", async () => {
    const teacher = (await readdir(runs("alone"))).find((name) => /^teacher-.*\d$|^teacher-[0-9a-f]+$/.test(name))!;
    await mkdir(join(runs("smaller"), teacher));
    await writeFile(join(runs("smaller"), teacher, "begun"), "");
    const { stdout } = await run(["merge", "smaller", "alone"]);
    expect(stdout).toBe("3 copied, 10 not of this study. 3 of 3 runs of smaller are done.\n");
    expect(await readdir(join(runs("smaller"), teacher))).toEqual(await readdir(join(runs("alone"), teacher)));
    const names = Object.entries(alone).filter(([name]) => readdirSync(runs("smaller")).includes(name));
    expect(await outcomes(join(cwd, "smaller"))).toEqual(Object.fromEntries(names));
    expect((await readdir(runs("smaller"))).filter((name) => /^\.|lock/.test(name))).toEqual([]);
  });

  test("answers that differ from those that are there are counted, and not taken", async () => {
    await cp(join(cwd, "smaller"), join(cwd, "other"), { recursive: true });
    const name = (await readdir(runs("other"))).find((each) => /^kd.*json$/.test(each))!;
    const summary = JSON.parse(await readFile(join(runs("other"), name), "utf8"));
    await writeFile(join(runs("other"), name), JSON.stringify({ ...summary, accuracy: summary.accuracy + 1 }));
    const { stdout } = await run(["merge", "smaller", "other"]);
    expect(stdout).toContain("3 were there, 1 of those with other answers");
    expect((await outcomes(join(cwd, "smaller")))[name]).toEqual(alone[name]);
  });

  test("refuses a folder that is no study", async () => {
    await mkdir(join(cwd, "empty"));
    for (const folders of [
      ["alone", "empty"],
      ["empty", "alone"],
    ]) {
      const { code, stderr } = await run(["merge", ...folders]);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("empty holds no study") });
    }
  });
});

test("claims dated an hour ahead or behind: one whose date moves is left alone, one whose date stands still is taken", async () => {
  await cp(join(cwd, "alone"), join(cwd, "skewed"), { recursive: true });
  const [ahead = "", behind = ""] = Object.keys(alone).filter((name) => name.startsWith("kd"));
  const lock = (name: string): string => join(runs("skewed"), name.replace(".json", ".lock"));
  const date = (name: string, shift: number): Promise<void> => {
    const now = Date.now() / 1000 + shift;
    return utimes(lock(name), now, now);
  };
  for (const name of [ahead, behind]) {
    await rm(join(runs("skewed"), name));
    await rm(join(runs("skewed"), name.slice(0, -5)), { recursive: true });
    await writeFile(lock(name), JSON.stringify({ token: name, pid: 1, host: "other" }));
  }
  const hour = 3600;
  await date(behind, -hour);
  await date(ahead, hour);
  const alive = setInterval(() => void date(behind, -hour), 500);
  try {
    expect((await run(["work", "skewed", "--threads", "1", "--no-wait"])).code).toBe(0);
    const missing = Object.keys(alone).filter((name) => !readdirSync(runs("skewed")).includes(name));
    expect(missing).toEqual([behind]);
  } finally {
    clearInterval(alive);
  }
  await rm(lock(behind));
  expect((await run(["work", "skewed", "--threads", "1"])).code).toBe(0);
  expect(await outcomes(join(cwd, "skewed"))).toEqual(alone);
});
