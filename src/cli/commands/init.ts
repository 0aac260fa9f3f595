/** @file `limbeck init`: four questions, and the description of a first study. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { LimbeckError } from "../../errors.ts";
import { isPictures, path } from "../../experiment/settings/index.ts";
import { budgets, firstStudyText, targets, type FirstStudyAnswers } from "../../study/node/index.ts";
import { calledAs } from "../command-line.ts";
import { read } from "../options.ts";
import { print } from "../output.ts";
import { shellWords } from "../../shell-words.ts";

export function addInit(command: Command): void {
  command
    .description(
      "Asks for your pictures, a teacher, where the student will run, and how thorough the comparison should be. " +
        "Writes a study with comments, and prints the command that runs it.",
    )
    .argument("[data]", "folder of pictures, or another data set as limbeck distill takes it", read(path))
    .option(
      "--teacher <file>",
      "ONNX file, weights, a run's folder or hf:OWNER/NAME; train to train a network",
      read(path),
    )
    .option("--target <name>", `where the student will run: ${Object.keys(targets).join(", ")}`)
    .option("--budget <name>", `how thorough the comparison is: ${Object.keys(budgets).join(", ")}`)
    .option("--out <file>", "file to write", read(path), "study.yaml")
    .option("--yes", "take the defaults for what is not given, without questions")
    .option("--overwrite", "replace the file if it exists")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck init\n  limbeck init ./photos --teacher big.onnx --target page --budget look\n  limbeck init shapes --yes",
    )
    .action(init);
}

interface InitOptions {
  readonly teacher?: string;
  readonly target?: string;
  readonly budget?: string;
  readonly out: string;
  readonly yes?: true;
  readonly overwrite?: true;
}

/** A teacher that the study trains. */
const TRAIN = "train";

async function init(data: string | undefined, { out, yes, overwrite, ...given }: InitOptions): Promise<void> {
  if (!/\.ya?ml$/.test(out)) throw new LimbeckError("ARGUMENT", `--out ${out}: a study's file ends in .yaml`);
  if (existsSync(out) && !overwrite)
    throw new LimbeckError("OUTPUT", `${out} is there already; give another --out, or --overwrite to replace it`);
  for (const problem of [data && dataProblem(data), given.teacher && teacherProblem(given.teacher)])
    if (problem) throw new LimbeckError("ARGUMENT", problem);
  const { teacher, ...answers } = await answered({ data, ...given }, yes ?? false);
  const run = calledAs(`study ${shellWords([out])}`);
  const text = firstStudyText({ ...answers, teacher: teacher === TRAIN ? undefined : teacher }, out);
  await writeFile(out, text, { flag: overwrite ? "w" : "wx" }).catch((cause: Error) => {
    throw new LimbeckError("OUTPUT", `${out} cannot be written: ${cause.message}; give another --out`, { cause });
  });
  await print(
    `Written: ${out}\n\nNext:\n  # what it will do here, and how long that takes\n  ${run} --dry-run\n  # train and compare\n  ${run}`,
  );
}

type Answers = Required<{ -readonly [key in keyof FirstStudyAnswers]: string }>;

/** What was not given, asked in a terminal. Throws ARGUMENT where there is none, ABORTED for Ctrl-C. */
async function answered(
  given: { readonly [key in keyof Answers]?: string | undefined },
  yes: boolean,
): Promise<Answers> {
  const defaults: Answers = {
    data: existsSync("photos") ? "./photos" : "shapes",
    teacher: TRAIN,
    target: "page",
    budget: "look",
  };
  const answers = { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)) };
  const open = (Object.keys(defaults) as (keyof Answers)[]).filter((key) => given[key] === undefined);
  if (yes || open.length === 0) return answers;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const missing = open.map((key) => (key === "data" ? "the data" : `--${key}`)).join(", ");
    throw new LimbeckError("ARGUMENT", `init asks in a terminal only; give ${missing}, or --yes for the defaults`);
  }
  const prompts = await import("@clack/prompts");
  const output = process.stderr;
  const options = (rows: typeof targets | typeof budgets) =>
    Object.entries(rows).map(([value, { summary }]) => ({ value, label: summary }));
  const text = (message: string, key: "data" | "teacher", problemOf: (value: string) => string | undefined) => () => {
    const validate = (value: string | undefined) => (value ? problemOf(value) : undefined);
    return prompts.text({ message, placeholder: defaults[key], defaultValue: defaults[key], validate, output });
  };
  const select = (message: string, key: "target" | "budget", rows: typeof targets | typeof budgets) => () =>
    prompts.select({ message, options: options(rows), initialValue: defaults[key], output });
  const questions = {
    data: text(
      "Where are your pictures? A folder with one folder for each class, or shapes to try it out",
      "data",
      dataProblem,
    ),
    teacher: text("Which teacher? An ONNX file, a run's folder, hf:OWNER/NAME, or train", "teacher", teacherProblem),
    target: select("Where will the student run?", "target", targets),
    budget: select("How thorough should the comparison be?", "budget", budgets),
  };
  for (const key of open) {
    const answer: unknown = await questions[key]();
    if (prompts.isCancel(answer)) throw new LimbeckError("ABORTED", "stopped; nothing was written");
    answers[key] = String(answer);
  }
  return answers;
}

function dataProblem(data: string): string | undefined {
  if (!isPictures(data) || data.startsWith("hf:") || existsSync(data)) return undefined;
  return `There is nothing at ${data}. Give a folder of pictures, or a data set: shapes, cifar10 or cifar100`;
}

function teacherProblem(teacher: string): string | undefined {
  if (teacher === TRAIN || teacher.startsWith("hf:") || existsSync(teacher)) return undefined;
  return `There is nothing at ${teacher}. Give an ONNX file, weights, a run's folder, hf:OWNER/NAME, or train`;
}
