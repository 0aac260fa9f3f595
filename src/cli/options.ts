/** @file Options that several commands share, each checked as it is read. Defaults are those of the configuration's schema. */
import { InvalidArgumentError, type Command } from "commander";
import type { PairedPaths } from "../distill/index.ts";
import { defaultEngine, engineNames, type EngineName } from "../engine/engines.ts";
import { whole } from "./numbers.ts";

/** What to compute on, and with. */
export interface DataOptions {
  readonly dataset?: string;
  readonly dataDir?: string;
  readonly limit?: number;
  readonly batchSize?: number;
  readonly engine?: EngineName;
  readonly threads?: number;
}

/** Where to write, and for whom to print. */
export interface OutputOptions {
  readonly out?: string | undefined;
  readonly resume?: string | undefined;
  readonly json?: boolean | undefined;
}

export function addDataOptions(command: Command): Command {
  return command
    .optionsGroup("Data and engine:")
    .option("--dataset <name>", "shapes (embedded), cifar10 or cifar100 (default: what --data-dir holds, else shapes)")
    .option(
      "--data-dir <dir>",
      "folder with the binary files of cifar10 or cifar100, instead of downloading them once",
      path,
    )
    .option("--limit <n>", "use only n training and n test images", whole(1))
    .option("--batch-size <n>", "images a step (default: 128; the benchmark's recipe: 64)", whole(1))
    .option("--engine <name>", `what computes: ${engineNames.join(" or ")} (default: ${defaultEngine})`)
    .option(
      "--threads <n>",
      "threads of the wasm engine; any number gives the same bits (default: all cores)",
      whole(1, 256),
    );
}

export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .option("--out <dir>", "folder for weights, records and the report (default: a new one in runs/)", path)
    .option("--resume <dir>", "go on with an interrupted run, as described in its config.json", path)
    .option("--json", "print the results as JSON on stdout; progress stays on stderr");
}

/** A parser of a path. An empty one would mean the working folder; it comes of a variable that is not set. */
export function path(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It should be a path.");
}

/** A parser of an option that may be given again: all its values, in order. */
export function again<Value>(parse: (text: string) => Value): (text: string, before?: readonly Value[]) => Value[] {
  return (text, before = []) => [...before, parse(text)];
}

/** A parser of `a,b,c`, which may be given again. */
export function listed(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").map((name) => name.trim())];
}

/** A parser of `teacher=student`, two places to compare, which may be given again. */
export function pairOfPlaces(text: string, before: readonly PairedPaths[] = []): PairedPaths[] {
  const [teacher, student, ...rest] = text.split("=");
  if (teacher && student && rest.length === 0) return [...before, { teacher, student }];
  throw new InvalidArgumentError("It should be TEACHER=STUDENT, a module's path of each: layer2=features.4.");
}

/** A parser of `name=value`, given once for each name. Values that read as JSON are taken so: `temperature=4`. */
export function namedValue(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It should be name=value.");
  return { ...before, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
