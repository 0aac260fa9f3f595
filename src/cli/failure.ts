/** @file How a command fails: one line for people, JSON for machines, and the exit code. */
import { CommanderError } from "commander";
import leven from "leven";
import { LimbeckError, reasonOf } from "../errors.ts";
import { printable } from "../printable.ts";
import { jsonLine, print, printMessage, style } from "./output.ts";

/** An error as it is printed. */
export interface Failure {
  /** An `ErrorCode`; `UNEXPECTED` for an error that is no LimbeckError: a fault of Limbeck's. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: 1 | 2 | 130;
}

/** Some of what was asked failed, after the rest was printed: with `--json` among the results, so that stdout holds one document. */
export class PartialFailure extends LimbeckError {}

/** 2 where the command line itself is wrong, 130 after an interrupt, else 1. The message is safe to show. */
export function failureOf(error: unknown): Failure {
  const failure = classified(error);
  return { ...failure, message: printable(failure.message) };
}

function classified(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const isUnknown = unknownNames.has(error.code);
    const message = withNearNames(error.message.replace(/^error: /, "").replaceAll("\n", " "));
    const hint = isUnknown && !message.includes("Did you mean") ? "; --help lists what there is" : "";
    return { code: isUnknown ? "UNKNOWN_NAME" : "ARGUMENT", message: message + hint, exitCode: 2 };
  }
  if (error instanceof LimbeckError) {
    const exitCode = error.code === "ABORTED" ? 130 : wrongUsage.has(error.code) ? 2 : 1;
    return { code: error.code, message: error.message, exitCode };
  }
  return { code: "UNEXPECTED", message: reasonOf(error), exitCode: 1 };
}

/** Without suggestions that are not near: commander takes `--tta` for `--data`. */
function withNearNames(message: string): string {
  const [, name, suggested] = /'([^']+)' \(Did you mean (?:one of )?(.+)\?\)$/.exec(message) ?? [];
  if (name === undefined || suggested === undefined) return message;
  return suggested.split(", ").some((each) => isNear(name, each)) ? message : message.replace(/ \(Did you.*/, "");
}

/** Whether a third of the letters differ at most, or their order alone. */
function isNear(name: string, other: string): boolean {
  const [a, b] = [name.replace(/^-+/, ""), other.replace(/^-+/, "")];
  const sorted = (text: string): string => [...text].toSorted().join("");
  return sorted(a) === sorted(b) || leven(a, b) <= Math.floor(Math.max(a.length, b.length) / 3);
}

/** One message on stderr; with `json` also `{"error": {code, message}}` on stdout; the stack if LIMBECK_DEBUG is 1. */
export function printFailure(error: unknown, json: boolean): Failure["exitCode"] {
  const { code, message, exitCode } = failureOf(error);
  printMessage(`${style("red", `error ${code}:`, process.stderr)} ${message}`);
  if (code === "UNEXPECTED") printMessage("This is a fault of Limbeck. LIMBECK_DEBUG=1 shows where; please report it.");
  if (process.env["LIMBECK_DEBUG"] === "1" && error instanceof Error) printMessage(printable(String(error.stack)));
  // Stdout may be what failed.
  if (json && !(error instanceof PartialFailure)) void print(jsonLine({ error: { code, message } })).catch(() => {});
  return exitCode;
}

const unknownNames: ReadonlySet<string> = new Set(["commander.unknownOption", "commander.unknownCommand"]);
const wrongUsage: ReadonlySet<string> = new Set(["ARGUMENT", "UNKNOWN_NAME", "CONFIG"]);
