/** @file How long a large network's training step takes to compile, in a process that has compiled nothing yet. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Seconds from the network's name to a program that can run. */
export async function compileTime({ threads }: { readonly threads: number }): Promise<number> {
  const script = fileURLToPath(new URL("limbeck/compile.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, "resnet110", `${threads}`]);
  return Number(stdout);
}
