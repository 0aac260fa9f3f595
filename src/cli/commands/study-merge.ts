/** @file `limbeck study merge`: folders of shards joined. */
import type { Command } from "commander";
import { path } from "../../experiment/settings/index.ts";
import { read, repeated } from "../options.ts";
import { jsonLine, print } from "../output.ts";

export function addMerge(command: Command): void {
  command
    .command("merge")
    .summary("copy what was done in other folders of the same study")
    .description(
      "Copies runs that are done in other folders and planned in DIR, each whole or not at all. What is done in DIR is kept.",
    )
    .argument("<dir>", "the study's folder", read(path))
    .argument("<from...>", "folders of the same study, from other machines", repeated(path))
    .option("--json", "print the result as JSON on stdout; progress goes to stderr")
    .action(merge);
}

async function merge(folder: string, from: readonly string[], { json = false }: { readonly json?: boolean }) {
  const [{ mergeStudies, readPlan, readSummaries }, { shownWork }] = await Promise.all([
    import("../../study/node/index.ts"),
    import("../progress.ts"),
  ]);
  const merged = await shownWork((shown, signal) =>
    mergeStudies(folder, from, {
      signal,
      onRun: (done, total) => shown.work({ title: "Copying", unit: "run", done, total }),
    }),
  );
  const { copied, known, different, claimed, foreign } = merged;
  const plan = await readPlan(folder);
  const done = (await readSummaries(folder, plan)).length;
  if (json) return print(jsonLine({ folder, done, runs: plan.runs.length, ...merged }));
  const counts = [
    `${copied.length} copied`,
    known.length > 0 && `${known.length} were there`,
    different.length > 0 && `${different.length} of those with other answers, so the machines compute differently`,
    claimed.length > 0 && `${claimed.length} left to a worker that has them`,
    foreign.length > 0 && `${foreign.length} not of this study`,
  ];
  return print(`${counts.filter(Boolean).join(", ")}. ${done} of ${plan.runs.length} runs of ${folder} are done.`);
}
