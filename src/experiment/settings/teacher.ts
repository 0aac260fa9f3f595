/** @file Who teaches a student. */
import * as z from "zod/mini";
import { type FilterName, filters } from "../../images/index.ts";
import { models } from "../../models/index.ts";
import { ofModel } from "./network.ts";
import type { Settings } from "./setting.ts";
import { appendTo, intoOptions, listed, namedValue, optionWords, path, positive } from "./values.ts";

/** A list of `least` or more; one may stand alone. */
function listOf<Item>(item: z.ZodMiniType<Item, Item>, least = 1): z.ZodMiniType<Item[], Item | Item[]> {
  return z.union([
    z.array(item).check(z.minLength(least)),
    z.pipe(
      item,
      z.transform((value) => [value]),
    ),
  ]);
}

/** Numbers as JSON has them, one alone, or as text with commas: `0.5,0.4,0.4`. */
const numbers = z.pipe(
  z.union([z.array(z.number()), z.number(), z.string()]),
  z.transform((value, context) => {
    if (Array.isArray(value)) return value;
    if (typeof value === "number") return [value];
    const list = value.split(",").map((word) => Number(word.trim() || Number.NaN));
    if (list.every(Number.isFinite)) return list;
    context.issues.push({ code: "custom", message: "expected numbers with commas between them", input: value });
    return z.NEVER;
  }),
);
const sizes = numbers.check(
  z.refine((list) => list.every((size) => Number.isInteger(size) && size > 0), "expected whole numbers from 1"),
);
const triple = sizes.check(z.refine(({ length }) => length === 3, "expected three: channels, height, width"));

/** What an ONNX file does not say of itself, or says otherwise. */
const teacherOptions = z.strictObject({
  /** Channels, height and width of its images. */
  inputShape: z.optional(
    z.pipe(
      triple,
      z.transform(([channels, height, width]) => [channels, height, width] as [number, number, number]),
    ),
  ),
  /** What the shorter side of a picture is resized to before the middle is cut out, or height and width. */
  resize: z.optional(
    z.pipe(
      sizes,
      z.transform(([height = 0, width, ...more], context) => {
        if (width === undefined) return height;
        if (more.length === 0) return [height, width] as [number, number];
        context.issues.push({ code: "custom", message: "expected the shorter side, or height and width", input: more });
        return z.NEVER;
      }),
    ),
  ),
  /** How it is resized. */
  interpolation: z.optional(z.enum(Object.keys(filters) as FilterName[])),
  /** 1 where pixels are divided by 255, 255 where not. */
  range: z.optional(z.union([z.literal(1), z.literal(255)])),
  /** Of each channel, in that range. */
  mean: z.optional(numbers),
  /** Deviation of each channel. */
  std: z.optional(numbers),
  /** RGB, or BGR. */
  channelOrder: z.optional(z.enum(["RGB", "BGR"])),
  /** Which of the graph's values is the logits, or their softmax. */
  output: z.optional(z.string().check(z.minLength(1))),
  /** Order of the input's axes, where its sizes do not tell. */
  layout: z.optional(z.enum(["NCHW", "NHWC"])),
  /** Values inside the graph that methods may compare, where ONNX Runtime runs it. */
  taps: z.optional(listOf(z.string().check(z.minLength(1)))),
  /** What runs it (default: imported where that can be). */
  runner: z.optional(z.enum(["import", "onnxruntime"])),
});

const group = "Teacher";
const join = appendTo;

export const teacherSettings = {
  force: {
    schema: z.optional(z.boolean()),
    group,
    help: "accept a teacher that only guesses or was trained on other data, and a changed module",
    flags: [{ usage: "--force" }],
    isResumable: true,
  },
  teacher: {
    schema: z._default(listOf(z.string().check(z.minLength(1)), 0), []),
    group,
    help: "ONNX file, weights, a run's folder, or hf:OWNER/NAME",
    details: "hf: names a model of the Hugging Face hub, hf:OWNER/NAME@revision:part; repeat for an ensemble",
    flags: [{ usage: "--teacher <file>", parse: path, join, isCommon: true }],
    isPath: true,
  },
  teacherModel: {
    schema: z.optional(listOf(z.string())),
    group,
    help: "the teacher's model, or a module; one for all teachers, or repeat for each",
    byDefault: "its file's, or DeepNN",
    flags: [{ usage: "--teacher-model <name>", join }],
    names: { kind: "model", table: models },
    isModule: true,
  },
  teacherModelOptions: ofModel("--teacher-model-option <name=x>", "the teacher's", "teacherModel", group),
  teacherWeight: {
    schema: z.optional(listOf(z.number().check(z.positive()))),
    group,
    help: "weight of a teacher's logits in the ensemble; repeat for each teacher",
    byDefault: "equal",
    flags: [{ usage: "--teacher-weight <x>", parse: positive, join }],
  },
  teacherLabels: {
    schema: z.optional(z.union([z.record(z.string(), z.string()), z.array(z.string()).check(z.minLength(2))])),
    group,
    help: "maps the teacher's classes to the data set's, {theirs: ours}; or lists the names of its classes",
    details: "classes of a file without names go by their numbers",
    byDefault: "equal names match",
    flags: [
      {
        usage: "--teacher-labels <file>",
        help: 'JSON file that maps the teacher\'s classes to yours, {"theirs": "ours"}, or lists the names of its classes in order (default: equal names match)',
        parse: path,
      },
    ],
  },
  teacherOptions: {
    schema: z.optional(teacherOptions),
    group,
    help: "how an ONNX file expects its pictures, if it does not say so: resize=256; repeatable",
    details: "inputShape, resize, interpolation, range, mean, std, channelOrder, output, layout, taps or runner",
    flags: [{ usage: "--teacher-option <name=x>", parse: namedValue, join: intoOptions }],
    words: optionWords("--teacher-option"),
  },
  teacherLogits: {
    schema: z.optional(z.string().check(z.minLength(1))),
    group,
    help: "external logits of the training images (safetensors) as the teacher",
    flags: [{ usage: "--teacher-logits <file>", parse: path }],
    isPath: true,
  },
  assistants: {
    schema: z._default(listOf(z.string(), 0), []),
    group,
    help: "assistants between teacher and student, models or modules: a,b",
    details: "each is distilled from the one before, the student from the last",
    flags: [{ usage: "--assistants <names>", parse: listed, join }],
    names: { kind: "model", table: models },
    isModule: true,
  },
} as const satisfies Settings;
