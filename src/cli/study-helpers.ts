/** @file Several workers on this machine at once: a process that works on a study starts others, and shows what they do. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { WorkOptions } from "../study/node/index.ts";
import { stopWork } from "./follow.ts";

/** Processes that help. */
export interface Helpers {
  /** Stops them; what they do is saved. */
  stop(): void;
  /** When all have ended. */
  readonly ended: Promise<unknown>;
}

interface HelperOptions {
  readonly count: number;
  readonly threads: number;
  readonly shard?: WorkOptions["shard"];
  /** Hears which runs they do, and that one failed. */
  readonly onNote: (text: string) => void;
}

/** Starts `limbeck study work` on a folder, once for each worker. If one fails, the others and this process do its runs. */
export function startHelpers(folder: string, { count, threads, shard, onNote }: HelperOptions): Helpers {
  const [, main = ""] = process.argv;
  const share = shard ? ["--shard", `${shard.index}/${shard.of}`] : [];
  const args = ["study", "work", folder, "--threads", String(threads), "--no-wait", ...share];
  let isStopped = false;
  const children = Array.from({ length: count }, () => {
    // NOTE: in a session of its own, so that a terminal's Ctrl-C reaches it through this process alone: twice would end it unsaved.
    const child = fork(main, args, { detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    child.on("message", (text) => onNote(String(text)));
    return child;
  });
  const ended = children.map(async (child) => {
    const problem = await problemOf(child);
    if (problem !== undefined && !isStopped) onNote(`Another worker failed: ${problem}`);
  });
  return {
    stop: () => {
      isStopped = true;
      for (const child of children) if (child.connected) child.disconnect();
    },
    ended: Promise.all(ended),
  };
}

/** When it has ended, what it said of its failure. */
async function problemOf(child: ChildProcess): Promise<string | undefined> {
  let text = "";
  const output = child.stderr?.setEncoding("utf8").on("data", (more: string) => (text = `${text}${more}`.slice(-2000)));
  // NOTE: the process's own "close" never comes where its channel was disconnected from here.
  const [[code, signal]] = (await Promise.all([once(child, "exit"), output && once(output, "close")])) as [
    [number | null, string | null],
    unknown,
  ];
  const message = text.trimEnd().split("\n").at(-1) ?? "";
  if (code === 0) return undefined;
  return message || `it ended by ${signal ?? `exit code ${code}`}`;
}

/** How a worker that another process started reports to it; `undefined` for one that a person started. It stops when that process ends, however that ends. */
export function reporter(): ((text: string) => void) | undefined {
  if (!process.send) return undefined;
  process.once("disconnect", stopWork);
  process.channel?.unref();
  return (text) => process.connected && process.send?.(text);
}
