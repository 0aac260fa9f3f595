/** @file Random command lines: known and unknown words in any order, around trainings of a few images. */
import { fork, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stream } from "../../src/data/stream.ts";
import { methods } from "../../src/distill/index.ts";
import type { Ending } from "./arguments-child.ts";
import type { Attack } from "./attack.ts";

/** Each line does what it says or ends in an error with a code, within its time; the process lives, and no name reaches Object.prototype. */
export const commandLines: Attack = async ({ count, seed, onProgress }) => {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-arguments-"));
  const faults: string[] = [];
  let child: ChildProcess | undefined;
  try {
    child = start(folder);
    await prepare(folder, child);
    for (let i = 0; i < count; i++) {
      const args = commandLine(new Stream(seed, i, 1));
      const problem = await outcome(child, args);
      if (problem !== undefined) faults.push(`seed ${seed}, try ${i}: ${problem}: limbeck ${JSON.stringify(args)}`);
      if (!child.connected) child = start(folder);
      if (i % 20 === 0) onProgress?.(i);
    }
  } finally {
    child?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
  return { tried: count, faults };
};

const LONGEST_SECONDS = 120;

function start(cwd: string): ChildProcess {
  const child = fileURLToPath(new URL("arguments-child.ts", import.meta.url));
  return fork(child, { cwd, stdio: ["ignore", "ignore", "ignore", "ipc"] });
}

/** What the lines may name: a run, a file of settings, a folder that looks like data. */
async function prepare(folder: string, child: ChildProcess): Promise<void> {
  const problem = await outcome(child, ["train", ...small, "--out", "trained"]);
  if (problem !== undefined) throw new Error(`no teacher could be trained: ${problem}`);
  await mkdir(join(folder, "photographs"));
  await writeFile(join(folder, "photographs", "test_batch.bin"), "short");
  await writeFile(join(folder, "settings.json"), JSON.stringify({ epochs: 1, limit: 4 }));
}

async function outcome(child: ChildProcess, args: readonly string[]): Promise<string | undefined> {
  const ending = await new Promise<Ending | string>((settle) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      end(`did not end within ${LONGEST_SECONDS} s`);
    }, LONGEST_SECONDS * 1000);
    const end = (what: Ending | string): void => {
      clearTimeout(late);
      child.removeAllListeners();
      settle(what);
    };
    child
      .on("message", (message) => end(message as Ending))
      .on("exit", (code) => end(`ended the process with ${code}`));
    child.send(args);
  });
  if (typeof ending === "string") return ending;
  const { failure, stack, grown } = ending;
  if (grown > 0) return "Object.prototype has grown";
  if (failure?.code === "UNEXPECTED") return `UNEXPECTED ${stack ?? failure.message}`;
  return failure?.message.trim() === "" ? `${failure.code} without a message` : undefined;
}

const small = ["--limit", "4", "--batch-size", "4", "--epochs", "1", "--threads", "1"];
const options: Readonly<Record<string, readonly string[]>> = {
  "--model": ["LightNN", "resnet8", "lightnn", "constructor"],
  "--student": ["LightNN", "resnet8", "lightnn", "constructor"],
  "--method": [...Object.keys(methods), "kd+at", "kd+kd", "+", "__proto__"],
  "--option": ["temperature=4", "temprature=4", "kd.temperature=2", "__proto__.x=1", "kd={}", "=", "ceWeight=1e308"],
  "--data-dir": ["photographs", "nowhere", "settings.json", "."],
  "--limit": ["4", "1", "0", "1e9"],
  "--batch-size": ["1", "4", "3", "999999999999"],
  "--epochs": ["1", "2", "-1", "0.5"],
  "--threads": ["1", "2", "999"],
  "--engine": ["reference", "wasm", "gpu"],
  "--recipe": ["benchmark", "tutorial", "hasOwnProperty"],
  "--seed": ["0", "9007199254740991", "9007199254740993"],
  "--dropout": ["0", "0.99", "1"],
  "--optimiser": ["sgd", "adam", "adamw", "muon", "valueOf"],
  "--optimiser-option": [
    "momentum=0.9",
    "betas=[0.9]",
    "betas=[]",
    "eps=0",
    "others=sgd",
    "othersOptions=1",
    "__proto__=1",
    "dampening=x",
  ],
  "--learning-rate": ["0.1", "1e-300", "1e300", "NaN"],
  "--momentum": ["0.9", "0", "2"],
  "--weight-decay": ["0.1", "1e308"],
  "--nesterov": [],
  "--learning-rate-for": ["*.bias=64x", "*=0x", "nothing=2x", "*=1e308x", "=x"],
  "--weight-decay-for": ["*.bias=0", "constructor=1", "*=1e308", "*="],
  "--decay-on": ["weights", "all", "none"],
  "--freeze": ["*.bias=1", "*=0", "__proto__=1", "*=0.5", "*=1e300"],
  "--label-smoothing": ["0.1", "1"],
  "--balance": ["weights", "sampler", "none", "classes"],
  "--lookahead": ["1", "3", "0"],
  "--drop-last": [],
  "--schedule": ["step", "cosine", "one-cycle", "constant", "linear", "piecewise"],
  "--schedule-option": [
    "milestones=[1]",
    "milestones=[]",
    "gamma=0",
    "at=[0]",
    "factors=[[1]]",
    "unit=steps",
    "constructor=1",
  ],
  "--milestones": ["1", "1,1", "0"],
  "--warm-up": ["0.5", "1e308", "0"],
  "--clip": ["1", "1e-320"],
  "--ema": ["0.5", "0"],
  "--augment": ["crop", "flip,cutout", "mixup", "none", "crop,none", "__proto__", ","],
  "--augment-option": [
    "__proto__.x=1",
    "crop.padding=1",
    "crop=1",
    "crop.padding.x=1",
    "crop.border=black",
    "crop.border=white",
    "crop.padding=40",
    "flip.alternating=true",
    "mixup.alpha=1e9",
    "constructor.prototype=1",
  ],
  "--no-test": [],
  "--train-accuracy": [],
  "--tta": ["flip", "flip+shift", "none", "shift"],
  "--teacher-views": ["flip", "mean", "image", "view", "all"],
  "--validation": ["1", "4", "3", "20%", "0%", "%"],
  "--size": ["8", "0", "4097", "1e2"],
  "--channels": ["1", "2", "3"],
  "--test": ["20%", "100%", "5"],
  "--mean": ["0.5,0.5,0.5", "0.5", ",", "NaN"],
  "--std": ["0.5,0.5,0.5", "0,0,0", ""],
  "--skip-broken": [],
  "--no-exif": [],
  "--unlabelled": [],
  "--top": ["1", "0", "999"],
  "--csv": [],
  "--keep": ["best", "last", "worst"],
  "--teacher-memory": ["0", "1e300"],
  "--teacher": ["trained/model/model.safetensors", "settings.json", "trained", "nowhere"],
  "--teacher-model": ["LightNN", "DeepNN", "__proto__"],
  "--teacher-weight": ["1", "0"],
  "--assistants": ["LightNN", "resnet8,", "prototype"],
  "--preset": ["tutorial", "cifar", "constructor", "__proto__"],
  "--pair": ["features.1=features.1", "=", "a=b=c", "__proto__=constructor"],
  "--force": [],
  "--config": ["settings.json", "trained/config.json", "trained", "nowhere.json"],
  "--resume": ["trained", "nowhere", "."],
  "--out": ["trained", "settings.json/x", "/dev/null", "a/b/c"],
  "--json": [],
  "--kind": ["forward", "train", "backward"],
  "--repeats": ["1", "0"],
  "--profile": [],
  "--help": [],
  "--nothing": ["x"],
};
const words = [
  "shapes",
  "cifar10",
  "shpaes",
  "toString",
  "./trained",
  "trained",
  "trained/model/model.safetensors",
  "nowhere",
  "kd",
  "methods",
  "models",
  "__proto__",
  "",
  "-",
  "--",
  "💥",
];
const commands = [
  "train",
  "train",
  "distill",
  "distill",
  "tutorial",
  "evaluate",
  "list",
  "bench",
  "help",
  "constructor",
];

function commandLine(random: Stream): string[] {
  const command = pick(random, commands);
  const trains = ["train", "distill", "tutorial"].includes(command);
  const base = trains
    ? [...small]
    : command === "bench"
      ? ["--model", "LightNN", "--batch-size", "2", "--repeats", "1"]
      : [];
  if (command === "distill" && random.below(4) > 0) {
    base.push("--teacher", "trained/model/model.safetensors", "--teacher-model", "LightNN");
  }
  if (command === "evaluate" || command === "list") base.push(pick(random, words));
  const more = Array.from({ length: random.below(4) }, () => {
    const [name, values] = pick(random, Object.entries(options));
    return random.below(12) === 0 ? [pick(random, words)] : values.length === 0 ? [name] : [name, pick(random, values)];
  });
  const line = [command, ...base, ...more.flat()];
  if (random.below(15) === 0) line.splice(random.below(line.length), 1);
  return line;
}

function pick<Item>(random: Stream, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}
