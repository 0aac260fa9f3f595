/** @file The commands of `limbeck`, how a command line turns into an exit code, and the errors of the process that nothing catches. */
import { Command, CommanderError } from "commander";
import { unknownName } from "../nearest-name.ts";
import { calledAs } from "./command-line.ts";
import { printFailure } from "./failure.ts";
import { addMoreHelp, parseHelp, helpConfiguration } from "./help.ts";
import { version } from "../version.ts";
import { givesForm } from "./forms.ts";
import { print, outliveReaders, reserveStdout } from "./output.ts";
import { begunModules, fromModule } from "../experiment/node/modules/index.ts";
import { watchCtrlC } from "./ctrl-c.ts";
import { endProcess, refuseExits, failWork } from "./follow.ts";

/** Runs `limbeck` with these arguments; returns 0, 1 after a failure, 2 for wrong usage, 130 after an interrupt. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    await perform(args);
    return 0;
  } catch (error) {
    return printFailure(error, isForPrograms(args));
  }
}

/** The same, throwing the error that `failureOf` describes. */
export async function perform(args: readonly string[]): Promise<void> {
  let help = "";
  const { words, isFull } = parseHelp(args);
  const program = await commandLine(words, isFull, (text) => (help += text));
  const [first, about] = words;
  if (first === COMPLETE) return printCompletions(program, words.slice(2));
  const names = program.commands.map((command) => command.name());
  // NOTE: commander would print its help in place of an error.
  if (first === "help" && about !== undefined && !about.startsWith("-") && !names.includes(about))
    unknownName("command", about, names);
  try {
    if (words.length === 0) help = welcome();
    else await program.parseAsync(words, { from: "user" });
  } catch (error) {
    // It ends so after printing help, or the version.
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  if (help) await print(help.trimEnd());
}

async function printCompletions(program: Command, words: readonly string[]): Promise<void> {
  const found = await (await import("./complete.ts")).completions(program, words);
  if (found.length > 0) await print(found.join("\n"));
}

/** What a shell's script calls to complete a line. */
const COMPLETE = "complete";

/** A command's line in `limbeck --help`, and what adds its options and its work: loaded when it is called. */
const commands = {
  init: {
    summary: "describe a first study by answering four questions",
    load: async () => (await import("./commands/init.ts")).addInit,
  },
  tutorial: {
    summary: "train and compare a teacher and four students",
    load: async () => (await import("./commands/tutorial.ts")).addTutorial,
  },
  train: {
    summary: "train one network, without a teacher",
    load: async () => (await import("./commands/train.ts")).addTrain,
  },
  distill: {
    summary: "train a student with a teacher's help",
    load: async () => (await import("./commands/distill.ts")).addDistill,
  },
  study: {
    summary: "compare methods and settings over seeds, on one machine or many",
    load: async () => (await import("./commands/study.ts")).addStudy,
  },
  compare: {
    summary: "compare finished runs and studies: gains over seeds, and how sure they are",
    load: async () => (await import("./commands/compare.ts")).addCompare,
  },
  show: {
    summary: "show what a folder holds, whether it is done, and how to go on",
    load: async () => (await import("./commands/show.ts")).addShow,
  },
  clean: {
    summary: "remove checkpoints, leftovers and caches that are no longer needed",
    load: async () => (await import("./commands/clean.ts")).addClean,
  },
  ui: {
    summary: "open a page that shows runs and studies as they go",
    load: async () => (await import("./commands/ui.ts")).addUi,
  },
  evaluate: {
    summary: "measure the accuracy of a network",
    load: async () => (await import("./commands/evaluate.ts")).addEvaluate,
  },
  predict: {
    summary: "classify pictures",
    load: async () => (await import("./commands/predict.ts")).addPredict,
  },
  export: {
    summary: "write a network as files for pages, servers and phones",
    load: async () => (await import("./commands/export.ts")).addExport,
  },
  serve: {
    summary: "open a page that classifies pictures and your camera",
    load: async () => (await import("./commands/serve.ts")).addServe,
  },
  list: {
    summary: "list models, methods, recipes and everything else by name",
    load: async () => (await import("./commands/list.ts")).addList,
  },
  bench: {
    summary: "measure training speed on this machine",
    load: async () => (await import("./commands/bench.ts")).addBench,
  },
  completion: {
    summary: "print a script that completes command lines in bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).addCompletion,
  },
  doctor: {
    summary: "check this machine: engines, speed, what would help",
    load: async () => (await import("./commands/doctor.ts")).addDoctor,
  },
} as const satisfies Readonly<Record<string, { summary: string; load(): Promise<(command: Command) => void> }>>;

/** The commands; those that these arguments name with their options, all for `complete`. */
export async function commandLine(
  args: readonly string[],
  isFull: boolean,
  writeOut: (text: string) => void,
): Promise<Command> {
  const isCompleting = args[0] === COMPLETE;
  const showsAll = isFull || isCompleting;
  const program = new Command("limbeck")
    .description("Knowledge distillation: train a large teacher, distil it into a small student, ship the student.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help; after a command, --help all shows every option")
    .helpCommand("help [command]", "show help for a command; --all shows every option")
    .configureHelp(helpConfiguration(showsAll))
    .addHelpText("after", examples)
    // Options behind a command are its own: those of `study work` would be read as those of `study`.
    .enablePositionalOptions()
    .exitOverride()
    // Failures are printed once, by printFailure.
    .configureOutput({ outputError: () => {}, writeOut });
  // The command is the first word that is no option.
  const named = args.find((word) => word !== "help" && !word.startsWith("-"));
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary);
    if (name !== named && !isCompleting) continue;
    (await load())(command);
    addMoreHelp(command, showsAll);
  }
  return program;
}

/** What `limbeck` alone prints: what to do first. */
function welcome(): string {
  return `Limbeck trains a small image classifier with the help of a large one.

Start with one of these:
  ${calledAs("tutorial")}
      a teacher and four students on embedded images, compared
  ${calledAs("init")}
      four questions about your pictures and your teacher; writes a study
  ${calledAs("distill ./photos --teacher big.onnx")}
      your pictures and your teacher; trains and tests a student
  ${calledAs("export runs/NAME")}
      ships a run's student: a folder for a web page, or an ONNX file

All commands: ${calledAs("--help")}`;
}

const examples = `
Examples:
  limbeck tutorial                                   five runs on embedded images
  limbeck init                                       four questions, then your own study
  limbeck distill ./photos --teacher big.onnx        a student for your pictures
  limbeck predict runs/a picture.jpg more/ --top 3   classify pictures
  limbeck export runs/a                              ship the student

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;

/** Whether the result is to be JSON, and with it an error. */
function isForPrograms(args: readonly string[]): boolean {
  return args.includes("--json");
}

/** Runs `limbeck` with these arguments, as what this process is there for. */
export async function runProcess(args: readonly string[]): Promise<void> {
  const isJson = isForPrograms(args);
  outliveReaders();
  if (givesForm(args)) reserveStdout();
  refuseExits();
  failOnUncaught(isJson);
  watchCtrlC();
  process.exitCode = await runCommandLine(args);
  // Timers and connections of a user module may last for ever.
  if (begunModules().length > 0) await endProcess(process.exitCode);
}

/**
 * Lets such an error end the command as one that was thrown: what is under way stops, saved as for Ctrl-C, and throws it; where nothing is, the
 * process ends.
 */
function failOnUncaught(json: boolean): void {
  const failed =
    (what: string) =>
    (error: unknown): void => {
      const failure = fromModule(error, begunModules(), what);
      if (!failWork(failure)) void endProcess(printFailure(failure, json));
    };
  process.on("uncaughtException", failed("failed where nothing catches it"));
  process.on("unhandledRejection", failed("left a promise that failed, and nobody awaits"));
}
