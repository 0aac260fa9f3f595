/** @file Random files of settings: valid ones with a piece changed, at any depth, or damaged as text. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { failureOf } from "../../src/cli/failure.ts";
import { settingsOf } from "../../src/cli/settings.ts";
import { Stream } from "../../src/data/stream.ts";
import { methods, objectiveNamed } from "../../src/distill/index.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { trainingOptions } from "../../src/experiment/training.ts";
import type { Attack } from "./attack.ts";

const commands = ["tutorial", "train", "distill"] as const;

/** Each file ends in settings that mean the same when read again, or in an error with a code; no name reaches Object.prototype. */
export const configs: Attack = async ({ count, seed, onProgress }) => {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-configs-"));
  const config = join(folder, "settings.json");
  const faults: string[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const random = new Stream(seed, i, 0);
      const command = pick(random, commands);
      const text = fileText(random, command);
      await writeFile(config, text);
      const problem = await outcome(command, config);
      if (problem !== undefined) faults.push(`seed ${seed}, try ${i}, ${command}: ${problem}: ${text.slice(0, 300)}`);
      if (i % 500 === 0) onProgress?.(i);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { tried: count, faults };
};

async function outcome(command: (typeof commands)[number], config: string): Promise<string | undefined> {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  try {
    const { config: resolved } = await settingsOf(command, { config });
    if ("method" in resolved) objectiveNamed(resolved.method, resolved.options);
    trainingOptions(resolved, 512);
    if (!isDeepStrictEqual(parseConfig(command, resolved), resolved)) return "means something else when read again";
  } catch (error) {
    const { code, message } = failureOf(error);
    if (code === "UNEXPECTED") return `UNEXPECTED ${message}`;
    if (message.trim() === "") return `${code} without a message`;
  }
  return Object.getOwnPropertyNames(Object.prototype).length === before ? undefined : "Object.prototype has grown";
}

function fileText(random: Stream, command: (typeof commands)[number]): string {
  let settings: unknown = validSettings(random, command);
  const changes = random.below(4);
  for (let i = 0; i < changes; i++) settings = changed(random, settings);
  const text = random.below(20) === 0 ? JSON.stringify(junk(random)) : JSON.stringify(settings);
  return random.below(8) === 0 ? damaged(random, text ?? "") : text;
}

/** As a run's config.json holds them, or a few of them. */
function validSettings(random: Stream, command: (typeof commands)[number]): Record<string, unknown> {
  const recipe = pick(random, ["tutorial", "benchmark"] as const);
  const name = pick(random, Object.keys(methods));
  const schedule = pick(random, ["constant", "step", "cosine", "one-cycle"] as const);
  const given = {
    recipe,
    epochs: 1 + random.below(20),
    ...(random.below(2) === 0 && { schedule }),
    ...(random.below(2) === 0 && {
      augment: { crop: { padding: 2, border: "black" as const }, flip: { alternating: true }, cutout: { size: 8 } },
    }),
    ...(random.below(3) === 0 && { tta: "flip+shift" as const, teacherViews: "mean" as const, trainAccuracy: true }),
    ...(random.below(2) === 0 && { validation: 16, keep: "best" as const, ema: 0.99, clip: 5, warmUp: 0.5 }),
    ...(command === "distill" && { teacher: ["a.safetensors"], method: `${name}`, assistants: ["resnet8"] }),
    ...(command === "distill" && random.below(4) === 0 && { preset: pick(random, ["cifar", "tutorial", "imagenet"]) }),
    ...(command !== "train" && random.below(4) === 0 && { force: true }),
    ...(command === "train" && { method: pick(random, ["ce", "ls", "tfkd", "dml"] as const), model: "resnet8" }),
  };
  try {
    const whole = parseConfig(command, given) as unknown as Record<string, unknown>;
    const options = command === "distill" ? { options: objectiveNamed(name).options } : {};
    return random.below(3) === 0 ? { command, ...given } : { command, ...whole, ...options };
  } catch {
    return { command, epochs: given.epochs };
  }
}

/** The value with one piece, somewhere in it, replaced, left out, renamed, doubled or put in. */
function changed(random: Stream, value: unknown): unknown {
  if (typeof value !== "object" || value === null || random.below(6) === 0) return junk(random);
  if (Array.isArray(value)) {
    const items = [...(value as unknown[])];
    const at = random.below(items.length + 1);
    if (at === items.length || random.below(3) === 0) items.splice(at, random.below(2), junk(random));
    else items[at] = changed(random, items[at]);
    return items;
  }
  const entries = Object.entries(value);
  const at = random.below(entries.length + 1);
  const [key, inner] = entries[at] ?? [pick(random, names), undefined];
  const kind = at === entries.length ? 3 : random.below(5);
  if (kind === 0) entries.splice(at, 1);
  else if (kind === 1) entries[at] = [misspelt(random, key), inner];
  else if (kind === 2) entries[at] = [key, junk(random)];
  else if (kind === 3) entries.push([pick(random, names), junk(random)]);
  else entries[at] = [key, changed(random, inner)];
  return Object.fromEntries(entries);
}

const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "",
  "kd",
  "x.y",
  "epochs",
];
const texts = [
  ...names,
  "LightNN",
  "kd+at",
  "+",
  "none",
  "shapes",
  "cifar10",
  "\u0000",
  "\u001B[2J",
  "💥",
  "a".repeat(5000),
];
const numbers = [0, -0, -1, 1, 0.5, 1.5, 1e-308, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 1e21, 5e-324];

function junk(random: Stream, depth = 0): unknown {
  const kind = random.below(depth > 2 ? 4 : 6);
  if (kind === 0) return pick(random, [null, true, false]);
  if (kind === 1) return pick(random, numbers);
  if (kind === 2 || kind === 3) return pick(random, texts);
  const items = Array.from({ length: random.below(4) }, () => junk(random, depth + 1));
  return kind === 4 ? items : Object.fromEntries(items.map((item) => [pick(random, names), item]));
}

function misspelt(random: Stream, name: string): string {
  const at = random.below(name.length + 1);
  return name.slice(0, at) + pick(random, ["", "x", name[at] ?? "", "."]) + name.slice(at + random.below(2));
}

/** Cut, with a character changed, or with a piece twice. */
function damaged(random: Stream, text: string): string {
  const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)];
  return pick(random, [
    text.slice(0, a),
    text.slice(0, a) + String.fromCodePoint(random.below(256)) + text.slice(a + 1),
    text.slice(0, a) + text.slice(b),
  ]);
}

function pick<Item>(random: Stream, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}
