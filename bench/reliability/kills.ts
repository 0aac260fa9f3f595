/** @file Trainings killed at random moments and gone on with: the same bits as if nothing had happened. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, watch } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stream } from "../../src/data/stream.ts";
import type { Attack } from "./attack.ts";

const data = "shapes --limit 20 --batch-size 8";
const taught = `distill ${data} --no-baseline --no-latency --epochs 2 --teacher-model resnet14 --student resnet8`;

/** Command lines without the folder; TEACHER is a file's path. */
const trainings: Readonly<Record<string, string>> = {
  tutorial: `tutorial ${data} --no-latency --epochs 1`,
  ft: `${taught} --method ft --option initialEpochs=2 --teacher TEACHER`,
  ab: `${taught} --method ab --option initialEpochs=2 --teacher TEACHER`,
  crd: `${taught} --method crd --teacher TEACHER`,
  crld: `${taught} --method crld --teacher TEACHER --augment crop,flip`,
  // Timed at the end, where it may be killed too.
  dml: `train ${data} --epochs 2 --method dml --model resnet8`,
};

export const kills: Attack = async ({ count, seed, onProgress }) => {
  const root = await mkdtemp(join(tmpdir(), "limbeck-kills-"));
  try {
    const faults: string[] = [];
    const teacher = join(root, "teacher");
    await limbeck(`train ${data} --no-latency --epochs 1 --model resnet14`.split(" "), teacher);
    const undisturbed = new Map<string, { readonly files: Files; readonly milliseconds: number }>();
    for (let i = 0; i < count; i++) {
      const names = Object.keys(trainings);
      const name = names[i % names.length]!;
      const args = trainings[name]!.replace("TEACHER", join(teacher, "model", "model.safetensors")).split(" ");
      if (!undisturbed.has(name)) {
        const begin = performance.now();
        await limbeck(args, join(root, name));
        undisturbed.set(name, { files: await contents(join(root, name)), milliseconds: performance.now() - begin });
      }
      const whole = undisturbed.get(name)!;
      const out = join(root, `try-${i}`);
      const told: string[] = [];
      const random = new Stream(seed, i, 1);
      const fault = await disturbed({ args, out, random, milliseconds: whole.milliseconds, told }).then(
        async () => differences(await contents(out), whole.files),
        String,
      );
      if (fault) faults.push(`${seed}.${i}: ${name}, ${told.join(", ")}: ${fault}`);
      await rm(out, { recursive: true, force: true });
      onProgress?.(i + 1);
    }
    return { tried: count, faults };
  } finally {
    await rm(root, { recursive: true });
  }
};

interface Disturbance {
  readonly args: readonly string[];
  readonly out: string;
  readonly random: Stream;
  /** How long it takes undisturbed. */
  readonly milliseconds: number;
  /** What was done to it. */
  readonly told: string[];
}

/** Begins a training, kills it up to five times, each time going on with it on so many threads, and lets it end. Throws if it says anything else than that it was stopped. */
async function disturbed({ args, out, random, milliseconds, told }: Disturbance): Promise<void> {
  for (let left = 1 + random.below(5); left > 0; left--) {
    const signal = (["SIGKILL", "SIGKILL", "SIGTERM", "SIGINT"] as const)[random.below(4)]!;
    const duringWrites = random.below(2) === 0;
    const after = duringWrites ? 1 + random.below(40) : random.below(Math.ceil(milliseconds));
    told.push(`${signal} after ${after} ${duringWrites ? "changes" : "ms"}`);
    const ended = await limbeck(toGoOn(args, out, random), out, (kill) => {
      if (!duringWrites) {
        const timer = setTimeout(() => kill(signal), after);
        return () => clearTimeout(timer);
      }
      let changes = 0;
      mkdirSync(out, { recursive: true });
      const watcher = watch(out, { recursive: true }, () => void (++changes >= after && kill(signal)));
      return () => watcher.close();
    });
    if (ended) return;
  }
  await limbeck(toGoOn(args, out, random), out);
}

/** From the start where the process was killed before there was anything to go on with. */
function toGoOn(args: readonly string[], out: string, random: Stream): string[] {
  const threads = ["--threads", String(1 + random.below(2))];
  return existsSync(join(out, "config.json")) ? [args[0]!, "--resume", out, ...threads] : [...args, ...threads];
}

type Killer = (kill: (signal: NodeJS.Signals) => void) => () => void;

/** Runs the command; whether it came to its end. Throws, with what it said, where it ended otherwise than by a signal. */
async function limbeck(args: readonly string[], out: string, killer?: Killer): Promise<boolean> {
  const place = args.includes("--resume") ? [] : ["--out", out];
  const child = spawn(process.execPath, [main, ...args, ...place], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const stop = killer?.((signal) => child.kill(signal));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((settle) =>
    child.once("close", (...how) => settle(how)),
  );
  stop?.();
  if (code === 0) return true;
  if (killer && (code === 130 || signal !== null) && !stderr.includes("UNEXPECTED")) return false;
  throw new Error(`exit ${code ?? signal}: ${stderr.trim().slice(-500)}`);
}

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

type Files = ReadonlyMap<string, string>;

/** Everything that is left, without times and what tells of them. */
async function contents(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name);
    const text = await readFile(file, name.endsWith(".safetensors") ? "latin1" : "utf8");
    const isTimed = name === "manifest.json" || name === "report.html";
    files.set(file.slice(folder.length + 1), isTimed ? "" : name.endsWith(".json") ? withoutTimes(text) : text);
  }
  return files;
}

/** NOTE: keys in order, because a configuration that was read again has them in another. */
function withoutTimes(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (/seconds$|^(environment|latency|untimed|threads)$/i.test(key)) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function differences(got: Files, expected: Files): string {
  const names = [...new Set([...got.keys(), ...expected.keys()])];
  return names
    .filter((name) => got.get(name) !== expected.get(name))
    .map((name) => `${name} ${expected.has(name) ? (got.has(name) ? "differs" : "is missing") : "is left over"}`)
    .join(", ");
}
