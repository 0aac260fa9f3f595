/** @file An experiment that is killed or stopped, again and again, ends in the files of one that never was. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { result } from "../../src/train/events.ts";
import { tinyExperiment } from "./tiny-experiment.ts";

const script = fileURLToPath(new URL("tiny-experiment.ts", import.meta.url));
const preload = new URL("kill-after-renames.mjs", import.meta.url).href;
let root: string;
let whole: Record<string, unknown>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-resume-"));
  await result(tinyExperiment(join(root, "whole")));
  whole = await contents(join(root, "whole"));
});
afterAll(() => rm(root, { recursive: true }));

test("killed at once after any number of events", async () => {
  const out = join(root, "killed");
  const seen: number[] = [];
  for (const events of [3, 6, 9, 1, 12, 7, 15, 21, 19, 9, 7, Infinity]) seen.push(await runAndKill(out, events));
  expect(seen.slice(0, -1), "it did not end before it was killed").toEqual([3, 6, 9, 1, 12, 7, 15, 21, 19, 9, 7]);
  expect(await contents(out)).toEqual(whole);
});

test("killed as soon as a file is in place: the first ones of an experiment", async () => {
  for (const renames of [1, 2, 3, 4, 5, 6]) {
    const out = join(root, `renamed-${renames}`);
    const child = spawn(process.execPath, ["--import", preload, script, out], {
      stdio: "ignore",
      env: { ...process.env, RENAMES: String(renames) },
    });
    const [, signal] = await once(child, "close");
    expect(signal).toBe("SIGKILL");
    await result(tinyExperiment(out));
    expect(await contents(out), `killed after ${renames} files`).toEqual(whole);
  }
});

test("stopped after any step: valid files, and the next try goes on from that very step", async () => {
  const out = join(root, "stopped");
  for (const [i, steps] of [1, 2, 5, 4, 3, 7].entries()) {
    const abort = new AbortController();
    const started: number[] = [];
    let left = steps;
    const stopped = async () => {
      for await (const event of tinyExperiment(out, abort.signal)) {
        if (event.kind === "run-start") started.push(event.done);
        if (event.kind === "step" && --left === 0) abort.abort();
      }
    };
    await expect(stopped()).rejects.toMatchObject({ code: "ABORTED" });
    // The step after is under way, except at an epoch's end.
    expect(started[0], `try ${i}`).toBe([0, 2, 5, 2, 6, 9][i]);
    for (const path of await files(out))
      if (path.endsWith(".json")) JSON.parse(await readFile(join(out, path), "utf8"));
  }
  await result(tinyExperiment(out));
  expect(await contents(out)).toEqual(whole);
});

test("a damaged checkpoint is refused, not used", async () => {
  const out = join(root, "damaged");
  await runAndKill(out, 6);
  const path = join(out, "teacher", "checkpoint-1");
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  await expect(result(tinyExperiment(out))).rejects.toMatchObject({ code: "WEIGHTS" });
});

/** Runs the experiment as a process of its own and kills it after so many events. Returns how many it told. */
async function runAndKill(out: string, events: number): Promise<number> {
  const child = spawn(process.execPath, [script, out], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) {
    if (++seen === events) {
      child.kill("SIGKILL");
      break;
    }
  }
  await ended;
  return seen;
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return (
    entries
      // The manifest's checksums are of files that tell of seconds too.
      .filter((entry) => entry.isFile() && entry.name !== "manifest.json")
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .sort()
  );
}

/** Every file of a folder, but for the seconds that things took. */
async function contents(folder: string): Promise<Record<string, unknown>> {
  const read = async (path: string) => {
    const bytes = await readFile(join(folder, path));
    if (!path.endsWith(".json")) return [path, bytes.toString("base64")] as const;
    return [path, withoutSeconds(JSON.parse(bytes.toString()))] as const;
  };
  return Object.fromEntries(await Promise.all((await files(folder)).map(read)));
}

function withoutSeconds(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) => (/seconds$|^(latency|untimed)$/i.test(key) ? undefined : inner)),
  );
}
