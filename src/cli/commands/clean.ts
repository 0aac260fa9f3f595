/** @file `limbeck clean`: removes what is no longer needed. */
import type { Command } from "commander";
import { path } from "../../experiment/settings/index.ts";
import { LimbeckError } from "../../errors.ts";
import { repeated } from "../options.ts";
import { jsonLine, print } from "../output.ts";
import type { Found } from "../clean/cleaning.ts";

export function addClean(command: Command): void {
  command
    .description(
      "Prints what is no longer needed and how many bytes that is: checkpoints of finished runs, and what killed processes left. " +
        "With --yes it is removed. Students, records, reports, and what a live process works on always stay.",
    )
    .argument("[dirs...]", "folders of runs and studies", repeated(path))
    .option("--yes", "remove it")
    .option("--stale", "also runs that a study's description no longer has, with their students")
    .option("--cache", "also the cache: decoded pictures and outputs of teachers, which are made again when needed")
    .option("--json", "print JSON on stdout")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck clean runs/birds                     what could go\n  limbeck clean runs/* studies/first --yes\n" +
        "  limbeck clean studies/first --stale --yes\n  limbeck clean --cache --yes",
    )
    .action(clean);
}

interface Options {
  readonly yes?: boolean;
  readonly stale?: boolean;
  readonly cache?: boolean;
  readonly json?: boolean;
}

/** Files that are listed one by one. */
const LISTED = 20;

async function clean(
  folders: readonly string[] = [],
  { yes = false, stale = false, cache = false, json = false }: Options,
): Promise<void> {
  if (folders.length === 0 && !cache)
    throw new LimbeckError(
      "ARGUMENT",
      "clean needs a folder of a run or a study, or --cache: limbeck clean runs/birds",
    );
  const [{ bytesOf, joined }, { bytes, count }, { oneLine }, { printMessage }] = await Promise.all([
    import("../clean/cleaning.ts"),
    import("../../report/index.ts"),
    import("../../printable.ts"),
    import("../output.ts"),
  ]);
  const found: Found[] = [];
  for (const folder of folders) found.push(await cleaningOf(folder, stale));
  if (cache) found.push(await (await import("../clean/cache.ts")).cacheCleaning());
  const { cleanings, kept } = joined(found);
  const removed = [];
  const refused: string[] = [...kept];
  for (const { removable, remove } of cleanings) {
    try {
      if (yes) await remove();
      removed.push(...removable);
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
      refused.push(error.message);
    }
  }
  if (json) return print(jsonLine({ removed: yes, bytes: bytesOf(removed), files: removed, kept: refused }));
  for (const text of refused) printMessage(`Kept: ${oneLine(text)}`);
  const lines = removed.slice(0, LISTED).map((file) => `  ${oneLine(file.path)}  ${bytes(file.bytes)}, ${file.why}`);
  const more = removed.length > LISTED ? [`  and ${count(removed.length - LISTED)} more`] : [];
  const total = `${count(removed.length)} files and folders, ${bytes(bytesOf(removed))}`;
  const end =
    removed.length === 0 ? "Nothing to remove." : yes ? `Removed: ${total}.` : `Would remove ${total}; --yes does it.`;
  await print([...lines, ...more, end].join("\n"));
}

/** Throws OUTPUT for a folder that holds neither a run nor a study. */
async function cleaningOf(folder: string, stale: boolean): Promise<Found> {
  const [{ isStudyFolder }, { experimentState }] = await Promise.all([
    import("../../study/node/index.ts"),
    import("../../experiment/node/index.ts"),
  ]);
  if (isStudyFolder(folder)) return (await import("../clean/study.ts")).studyCleaning(folder, { stale });
  if (await experimentState(folder)) return (await import("../clean/experiment.ts")).experimentCleaning(folder);
  throw new LimbeckError(
    "OUTPUT",
    `${folder} holds no run and no study of Limbeck, so nothing in it is removed; give a folder that --out named`,
  );
}
