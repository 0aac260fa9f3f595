/** @file Which network is trained, from what, and by which method. */
import * as z from "zod/mini";
import { methods } from "../../distill/index.ts";
import type { PairedPaths } from "../../distill/index.ts";
import { LimbeckError } from "../../errors.ts";
import { models } from "../../models/index.ts";
import type { Settings } from "./setting.ts";
import {
  appendTo,
  intoOptions,
  listed,
  namedSetting,
  namedValue,
  optionWords,
  pairOfPlaces,
  path,
  whole,
  writeValue,
} from "./values.ts";

const group = "Student and method";

/** The setting that holds options of a model's own, such as `{widths: [32, 64, 64]}`. */
export function ofModel(usage: string, whose: string, belongsTo: string, heading: Settings[string]["group"]) {
  return {
    schema: z.optional(z.record(z.string(), z.unknown())),
    group: heading,
    help: `an option of ${whose} model: widths=64,256,256; repeatable`,
    details: "limbeck list models NAME lists them",
    flags: [{ usage, parse: namedSetting, join: intoOptions }],
    words: optionWords(usage),
    belongsTo: [belongsTo],
  } as const satisfies Settings[string];
}

/** `3`, how many from the seed on; `1-3` or `1,2,5`, these. */
export function readSeeds(text: string): number | number[] {
  if (/^\d+$/.test(text)) return whole(1, mostSeeds)(text);
  const [first, last] = /^(\d+)-(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  if (first === undefined || last === undefined) return listed(text).map(whole(0));
  if (first <= last && last - first < mostSeeds) return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  throw new LimbeckError("ARGUMENT", `It should be at most ${mostSeeds} seeds, the lower one first: 1-3.`);
}

/** The names in a method: `kd+at` trains by two at once, `kd,dist` by one after the other. */
export function methodNames(method: unknown): readonly string[] {
  return typeof method === "string" ? method.split(/[+,]/) : [];
}

/** The seeds of an experiment. */
export function seedsOf({
  seed,
  seeds = 1,
}: {
  readonly seed: number;
  readonly seeds?: number | readonly number[] | undefined;
}): readonly number[] {
  return typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => seed + i) : seeds;
}

const mostSeeds = 1000;
const aSeed = z.int().check(z.nonnegative());

export const networkSettings = {
  model: {
    schema: z._default(z.string(), "LightNN"),
    group,
    help: "the model, or a module",
    details: "a module is a file: ./net.ts; limbeck list models lists the others",
    flags: [{ usage: "--model <name>", isCommon: true }],
    names: { kind: "model", table: models },
    isModule: true,
  },
  modelOptions: ofModel("--model-option <name=x>", "the", "model", group),
  student: {
    schema: z._default(z.string(), "LightNN"),
    group,
    help: "the student's model, or a module",
    details: "a module is a file: ./net.ts; limbeck list models lists the others",
    flags: [{ usage: "--student <name>", isCommon: true }],
    names: { kind: "model", table: models },
    isModule: true,
  },
  studentOptions: ofModel("--student-option <name=x>", "the student's", "student", group),
  weights: {
    schema: z.optional(z.string().check(z.minLength(1))),
    group,
    help: "initial weights: a safetensors file or a run's folder",
    details: "a head for other classes is initialised anew",
    flags: [{ usage: "--weights <file>", parse: path }],
    isPath: true,
  },
  method: {
    schema: z._default(z.string(), "kd"),
    group,
    help: "kd+at combines methods, kd,at compares them",
    details: "a module may stand for a method: kd+./loss.ts; limbeck list methods lists them",
    flags: [
      { usage: "--method <name>", isCommon: true },
      { usage: "--methods <names>", help: "the same as --method" },
    ],
    names: { kind: "method", table: methods },
    isModule: true,
  },
  baseline: {
    schema: z._default(z.boolean(), true),
    group,
    help: "also train the student alone, the baseline for the teacher's help",
    flags: [
      {
        usage: "--no-baseline",
        value: false,
        help: "skip the student alone, the baseline for the teacher's help",
      },
    ],
  },
  seeds: {
    schema: z.optional(
      z.union([
        z.int().check(z.positive(), z.lte(mostSeeds)),
        z.array(aSeed).check(
          z.minLength(1),
          z.maxLength(mostSeeds),
          z.refine((list) => new Set(list).size === list.length, "expected seeds that differ"),
        ),
      ]),
    ),
    group,
    help: "train with n seeds, or these: 1-3 or 1,2,5",
    details: "n seeds count up from --seed",
    byDefault: "1",
    flags: [{ usage: "--seeds <n>", parse: readSeeds, isCommon: true }],
    words: (seeds: number | readonly number[]) => [
      "--seeds",
      typeof seeds === "number" ? String(seeds) : `${seeds.join(",")}${seeds.length === 1 ? `-${seeds[0]}` : ""}`,
    ],
  },
  extendable: {
    schema: z._default(z.boolean(), false),
    group,
    help: "keep each network's last checkpoint, so that --resume DIR --epochs n can train longer",
    details: "with Adam, a checkpoint is three times the size of the weights",
    flags: [{ usage: "--extendable" }],
  },
  tensorboard: {
    schema: z._default(z.boolean(), false),
    group: "Machine",
    help: "write losses, learning rate and accuracies for TensorBoard into each run's folder",
    flags: [{ usage: "--tensorboard" }],
  },
  preset: {
    schema: z.optional(z.string()),
    group,
    help: "published options of the method: cifar, imagenet or tutorial; --option overrides them",
    flags: [{ usage: "--preset <name>" }],
    belongsTo: ["method"],
  },
  options: {
    schema: z._default(z.record(z.string(), z.unknown()), {}),
    group,
    help: "an option of the method: temperature=4; repeatable",
    details: "limbeck list methods NAME lists them",
    flags: [
      { usage: "--option <name=x>", parse: namedValue, join: intoOptions, isCommon: true },
      {
        usage: "--pair <teacher=student>",
        help: "layers that the method compares: layer2=features.4; repeatable (default: corresponding stages)",
        parse: pairOfPlaces,
        join: (options, pair) => {
          const before = (options ?? {}) as { readonly pairs?: unknown };
          return { ...before, pairs: appendTo(before.pairs, pair) };
        },
      },
    ],
    words: (options: Readonly<Record<string, unknown>>) =>
      Object.entries(options).flatMap(([name, value]) =>
        name === "pairs" && Array.isArray(value)
          ? (value as readonly PairedPaths[]).flatMap(({ teacher, student }) => ["--pair", `${teacher}=${student}`])
          : ["--option", `${name}=${writeValue(value)}`],
      ),
    belongsTo: ["method", "preset"],
  },
} as const satisfies Settings;
