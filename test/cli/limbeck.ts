/** @file Runs the real command as a child process. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "../bundle.ts";

/** What a finished command leaves. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether trained networks are timed, which takes seconds. */
  readonly latency?: boolean;
  /** Whether distill trains the student alone, too, which takes as long again. */
  readonly baseline?: boolean;
  /** Called with all of stderr whenever some of it came. */
  readonly onStderr?: (stderr: string, child: ChildProcess) => void;
}

const training: ReadonlySet<string> = new Set(["tutorial", "train", "distill"]);
const inherited = ["PATH", "HOME", "NODE_COMPILE_CACHE"];

/** Runs `limbeck` as it is published, its output piped, so without colours. */
export function limbeck(
  args: readonly string[],
  { cwd, env, onStderr, latency, baseline }: RunOptions = {},
): Promise<Outcome> {
  const [command = "", ...options] = args;
  const untimed = training.has(command) && !latency ? ["--no-latency"] : [];
  const single = command === "distill" && !baseline && !options.includes("--resume") ? ["--no-baseline"] : [];
  const child = spawn(node, [main, ...args.slice(0, 1), ...untimed, ...single, ...options], {
    ...(cwd !== undefined && { cwd }),
    env: {
      ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
      // The same on a machine with a GPU.
      LIMBECK_ENGINE: "wasm",
      ...env,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onStderr?.(stderr, child);
  });
  return new Promise((settle, fail) => {
    child.on("error", fail).on("close", (code) => settle({ code, stdout, stderr }));
  });
}

export const main: string = `${bundle}cli/main.js`;
const installed = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
export const node: string = existsSync(installed) ? installed : process.execPath;
