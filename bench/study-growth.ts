/**
 * @file `node bench/study-growth.ts`: what a study of 10,000 runs costs besides its training: seconds, computing and memory to plan, list, claim, read and
 * compare. Nothing is trained; runs have invented results of 10,000 test images.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { tryLock } from "../src/data/node/lock.ts";
import { printFailure } from "../src/cli/failure.ts";
import { read } from "../src/cli/options.ts";
import { table } from "../src/cli/output.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { whole } from "../src/experiment/settings/values.ts";
import { torchRandom } from "../src/random/index.ts";
import {
  compareFolders,
  planStudy,
  readPlan,
  readStates,
  readSummaries,
  Shared,
  workOn,
  writePlan,
  type StudyPlan,
} from "../src/study/node/index.ts";
import { packBits, type RunSummary } from "../src/study/summary.ts";
import { checkRecordName, commit, writeRecord } from "./record.ts";

/** Of the test. */
const images = 10_000;

interface Options {
  readonly seeds: number;
  readonly record?: string;
  readonly note?: string;
}

/** Of one step of the work; of all threads' computing. */
interface Taken {
  readonly name: string;
  readonly seconds: number;
  readonly processorSeconds: number;
}

interface Size {
  readonly runs: number;
  readonly steps: readonly Taken[];
  /** The most that the process held so far, MiB. */
  readonly memory: number;
}

await new Command("node bench/study-growth.ts")
  .description("Plans, lists, claims, reads and compares studies of growing size; nothing is trained.")
  .option("--seeds <n>", "seeds of the largest study, each of four runs", read(whole(1)), 2500)
  .option("--record <name>", "also write bench/records/<name>.json")
  .option("--note <text>", "what else the machine did meanwhile, for the record")
  .action(grow)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function grow({ seeds, record, note }: Options): Promise<void> {
  if (record !== undefined) checkRecordName(record);
  const source = await commit();
  const sizes: Size[] = [];
  for (const size of [Math.ceil(seeds / 100), Math.ceil(seeds / 10), seeds]) sizes.push(await measured(size));
  const cell = ({ seconds, processorSeconds }: Taken): string =>
    `${Number(seconds.toPrecision(2))} s, ${Number(processorSeconds.toPrecision(2))} s of computing`;
  const lines = (sizes[0]?.steps ?? []).map(({ name }, i) => [
    name,
    ...sizes.map(({ steps }) => (steps[i] ? cell(steps[i]) : "")),
  ]);
  const heads = ["", ...sizes.map(({ runs }) => `${runs.toLocaleString("en")} runs`)];
  const memory = ["memory", ...sizes.map((each) => `${each.memory} MiB`)];
  process.stdout.write(`${table(heads, [...lines, memory])}\n`);
  if (record === undefined) return;
  const command = `node bench/study-growth.ts --seeds ${seeds}`;
  const about = {
    commit: source,
    environment: environment("none"),
    command,
    n: 1,
    ...(note !== undefined && { note }),
  };
  process.stderr.write(`Written: ${await writeRecord(record, { ...about, sizes })}\n`);
}

async function measured(seeds: number): Promise<Size> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-growth-"));
  const steps: Taken[] = [];
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const [begin, before] = [performance.now(), process.cpuUsage()];
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    steps.push({ name, seconds: (performance.now() - begin) / 1000, processorSeconds: (user + system) / 1e6 });
    return result;
  };
  try {
    const description = {
      data: { dataset: "shapes", limit: 64 },
      teachers: { train: { model: "LightNN" } },
      students: "resnet8",
      methods: ["kd", "dist", "dkd"],
      seeds,
    };
    const shared = new Shared(folder);
    const planned = await timed("plan", () => planStudy(description, { shared, folder }));
    await timed("write the plan", () => writePlan(folder, planned));
    const plan = await timed("read it", () => readPlan(folder));
    await finish(folder, plan);
    await timed("state of all", () => readStates(folder, plan.runs));
    await timed("claim and release one", async () => (await tryLock(join(folder, "runs", "one.lock")))?.release());
    await timed("find all done", async () => {
      const work = workOn(folder, plan, { shared });
      for (let next = await work.next(); !next.done;) next = await work.next();
    });
    await timed("read all results", () => readSummaries(folder, plan));
    await timed("compare", () => compareFolders([folder]));
    return { runs: plan.runs.length, steps, memory: Math.round(process.resourceUsage().maxRSS / 1024) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes a result for each run: of the images, a student classifies 55 % rightly, one that is distilled 60 %. */
async function finish(folder: string, { runs }: StudyPlan): Promise<void> {
  const random = torchRandom(0);
  for (const { id, role, seed } of runs) {
    const share = role === "taught" ? 0.6 : 0.55;
    const correct = Uint8Array.from(random.uniform(images, 0, 1), (each) => (each < share ? 1 : 0));
    const summary: RunSummary = {
      title: "student",
      model: "resnet8",
      method: "kd",
      accuracy: (100 * correct.reduce((sum, each) => sum + each, 0)) / images,
      images,
      correct: packBits(correct),
      parameters: 1,
      bytes: 4,
      seconds: 1,
      seed,
      engine: "wasm",
      machine: "none",
      limbeck: "0.1.0",
    };
    await writeFile(join(folder, "runs", `${id}.json`), JSON.stringify(summary));
  }
}
