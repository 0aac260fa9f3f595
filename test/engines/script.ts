/** @file Code in a Node process of its own: how a process ends, and what it holds, can only be seen from outside. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Outcome {
  /** Exit code; null for a process that did not end by itself in time. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const installed = inRepository("node_modules/.bin/node");
const node = existsSync(installed) ? installed : process.execPath;
const patience = 170_000;

/** Runs TypeScript that finds what the entries export in `limbeck`; `under` is a command that starts Node, with its arguments. */
export function script(code: string, under: readonly string[] = []): Promise<Outcome> {
  const entries = ["nn", "tensor", "methods", "training", "index", "node"].map(
    (name) => `...(await import(${JSON.stringify(inRepository(`src/entries/${name}.ts`))}))`,
  );
  const source = `const limbeck = { ${entries.join(", ")} };\n${code}`;
  const [command, ...args] = [...under, node, "--expose-gc", "--input-type=module-typescript", "--eval", source];
  const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"], timeout: patience, killSignal: "SIGKILL" });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((settle, fail) => {
    child.on("error", fail).on("close", (code) => settle({ code, stdout, stderr }));
  });
}
