/** @file Which network is trained, from what, and by which method. */
import * as z from "zod/mini";
import { methods } from "../../distill/index.ts";
import type { PairedPaths } from "../../distill/index.ts";
import { models } from "../../models/index.ts";
import type { Settings } from "./setting.ts";
import {
  appendTo,
  intoOptions,
  namedSetting,
  namedValue,
  optionWords,
  pairOfPlaces,
  path,
  writeValue,
} from "./values.ts";

const group = "Student and method";

/** The setting that holds options of a model's own, such as `{widths: [32, 64, 64]}`. */
export function ofModel(usage: string, whose: string, belongsTo: string, heading: Settings[string]["group"]) {
  return {
    schema: z.optional(z.record(z.string(), z.unknown())),
    group: heading,
    help: `an option of ${whose} model's own: widths=64,256,256, repeatable; see limbeck list models NAME`,
    flags: [{ usage, parse: namedSetting, join: intoOptions }],
    words: optionWords(usage),
    belongsTo: [belongsTo],
  } as const satisfies Settings[string];
}

export const networkSettings = {
  model: {
    schema: z._default(z.string(), "LightNN"),
    group,
    help: "name of the model, or a module that gives one: ./net.ts",
    flags: [{ usage: "--model <name>" }],
    names: { kind: "model", table: models },
    isModule: true,
  },
  modelOptions: ofModel("--model-option <name=value>", "the", "model", group),
  student: {
    schema: z._default(z.string(), "LightNN"),
    group,
    help: "name of the student's model, or a module that gives one: ./net.ts",
    flags: [{ usage: "--student <name>" }],
    names: { kind: "model", table: models },
    isModule: true,
  },
  studentOptions: ofModel("--student-option <name=value>", "the student's", "student", group),
  weights: {
    schema: z.optional(z.string().check(z.minLength(1))),
    group,
    help: "start from the weights of a safetensors file, or of a run's folder; a head for other classes is initialised again",
    flags: [{ usage: "--weights <file>", parse: path }],
    isPath: true,
  },
  method: {
    schema: z._default(z.string(), "kd"),
    group,
    help: "name of the method, a module that gives one, or several as kd+./loss.ts",
    flags: [{ usage: "--method <name>" }],
    names: { kind: "method", table: methods },
    isModule: true,
  },
  preset: {
    schema: z.optional(z.string()),
    group,
    help: "published settings of the method, which --option overrides: cifar, imagenet, tutorial",
    flags: [{ usage: "--preset <name>" }],
    belongsTo: ["method"],
  },
  options: {
    schema: z._default(z.record(z.string(), z.unknown()), {}),
    group,
    help: "an option of the method, repeatable; see limbeck list methods NAME",
    flags: [
      { usage: "--option <name=value>", parse: namedValue, join: intoOptions },
      {
        usage: "--pair <teacher=student>",
        help: "modules that the method compares, repeatable (default: corresponding stages)",
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
