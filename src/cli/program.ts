/** @file The commands of `limbeck`, and how a command line turns into an exit code. */
import { Command, CommanderError } from "commander";
import { unknownName } from "../nearest-name.ts";
import { calledAs } from "./command-line.ts";
import { addBench } from "./commands/bench.ts";
import { addDistill } from "./commands/distill.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addExport } from "./commands/export.ts";
import { addList } from "./commands/list.ts";
import { addPredict } from "./commands/predict.ts";
import { addServe } from "./commands/serve.ts";
import { addTrain } from "./commands/train.ts";
import { addTutorial } from "./commands/tutorial.ts";
import { printFailure } from "./failure.ts";
import { version } from "../version.ts";
import { print } from "./output.ts";

/** Runs `limbeck` with these arguments; returns 0, 1 after a failure, 2 for wrong usage, 130 after an interrupt. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    await perform(args);
    return 0;
  } catch (error) {
    return printFailure(error, args.includes("--json"));
  }
}

/** The same, throwing the error that `failureOf` describes. */
export async function perform(args: readonly string[]): Promise<void> {
  let help = "";
  const program = limbeck((text) => (help += text));
  const [first, about] = args;
  const names = program.commands.map((command) => command.name());
  // NOTE: commander would print its help in place of an error.
  if (first === "help" && about !== undefined && !about.startsWith("-") && !names.includes(about))
    unknownName("command", about, names);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // It ends so after printing help, or the version.
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  if (help) await print(help.trimEnd());
}

const commands = [
  addTutorial,
  addTrain,
  addDistill,
  addEvaluate,
  addPredict,
  addExport,
  addServe,
  addList,
  addBench,
  addDoctor,
] as const;

function limbeck(writeOut: (text: string) => void): Command {
  const program = new Command("limbeck")
    .description(
      "Trains a large teacher network, distils it into a small student, compares them and saves the student.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", examples())
    .exitOverride()
    // Failures are printed once, by printFailure.
    .configureOutput({ outputError: () => {}, writeOut });
  for (const add of commands) add(program);
  return program;
}

function examples(): string {
  const caller = calledAs("").trim();
  return `
Examples${caller === "limbeck" ? "" : `, where limbeck stands for ${caller}`}:
  limbeck tutorial                      five runs on embedded images
  limbeck tutorial cifar10    the same on photographs
  limbeck distill --teacher runs/a/teacher/model.safetensors --method kd
  limbeck evaluate student.safetensors --model LightNN cifar10
  limbeck predict runs/a picture.jpg more/ --top 3
  limbeck export runs/a
  limbeck list

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;
}
