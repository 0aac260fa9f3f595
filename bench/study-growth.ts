/** @file `node bench/study-growth.ts`: what a study of 10,000 runs costs besides its training: seconds and memory to plan, list, claim and read. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { tryLock } from "../src/data/node/lock.ts";
import { printFailure } from "../src/cli/failure.ts";
import { read } from "../src/cli/options.ts";
import { table } from "../src/cli/output.ts";
import { whole } from "../src/experiment/settings/values.ts";
import { planStudy, readPlan, readSummaries, Shared, readStates, workOn, writePlan } from "../src/study/node/index.ts";

await new Command("node bench/study-growth.ts")
  .description("Plans, lists, claims and reads studies of growing size; nothing is trained.")
  .option("--seeds <n>", "seeds of the largest study, each of four runs", read(whole(1)), 2500)
  .action(grow)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function grow({ seeds }: { readonly seeds: number }): Promise<void> {
  const sizes = [Math.ceil(seeds / 100), Math.ceil(seeds / 10), seeds];
  const columns: string[][] = [];
  for (const size of sizes) columns.push(await measured(size));
  const heads = ["", ...sizes.map((size) => `${(4 * size).toLocaleString("en")} runs`)];
  const rows = [
    "plan",
    "write the plan",
    "read it",
    "state of all",
    "claim and release",
    "find all done",
    "read summaries",
  ];
  const lines = [...rows, "memory, MiB"].map((row, i) => [row, ...columns.map((column) => column[i] ?? "")]);
  process.stdout.write(`${table(heads, lines)}\n`);
}

/** Seconds of each, the memory at the end last. */
async function measured(seeds: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-growth-"));
  const times: string[] = [];
  const timed = async <T>(work: () => Promise<T>, unit: "s" | "ms" = "s"): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    const milliseconds = performance.now() - begin;
    times.push(unit === "s" ? `${(milliseconds / 1000).toFixed(2)} s` : `${milliseconds.toFixed(1)} ms`);
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
    const shared = new Shared();
    const planned = await timed(() => planStudy(description, { shared, folder }));
    await timed(() => writePlan(folder, planned));
    const plan = await timed(() => readPlan(folder));
    const summary = {
      title: "student",
      model: "resnet8",
      method: "kd",
      accuracy: 50,
      images: 10_000,
      correct: "A".repeat(1668),
      parameters: 1,
      bytes: 4,
      seconds: 1,
      seed: 1,
      engine: "wasm",
      machine: "none",
      limbeck: "0.1.0",
    };
    await Promise.all(
      plan.runs.map(({ id }) => writeFile(join(folder, "runs", `${id}.json`), JSON.stringify(summary))),
    );
    await timed(() => readStates(folder, plan.runs));
    await timed(async () => (await tryLock(join(folder, "runs", "one.lock")))?.release(), "ms");
    await timed(async () => {
      const work = workOn(folder, plan, { shared });
      for (let next = await work.next(); !next.done;) next = await work.next();
    });
    await timed(() => readSummaries(folder, plan));
    return [...times, (process.memoryUsage().rss / 2 ** 20).toFixed(0)];
  } finally {
    await rm(folder, { recursive: true });
  }
}
