/** @file The part of a configuration that says who teaches. */
import * as z from "zod/mini";
import { filters, type FilterName } from "../images/filters.ts";

/** A list of `least` or more; one may stand alone. */
export function listOf<Item>(item: z.ZodMiniType<Item, Item>, least = 1): z.ZodMiniType<Item[], Item | Item[]> {
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

/** Names of options of an ONNX file. */
export type TeacherOptions = z.output<typeof teacherOptions>;

/** Keys of `distill`. */
export const teacherSchema = {
  /** Take a teacher that does no better than guessing, or was trained on other data, and a module that has changed. */
  force: z.optional(z.boolean()),
  /** The teacher: an ONNX file, a safetensors file of its weights, or the folder of the run that trained it; several form an ensemble. */
  teacher: z._default(listOf(z.string().check(z.minLength(1)), 0), []),
  /** Name of the teacher's model, or a module's path, one for each or one for all (default: its file's, or DeepNN). */
  teacherModel: z.optional(listOf(z.string())),
  /** Options of the teacher's model of its own, for all teachers alike (default: its file's). */
  teacherModelOptions: z.optional(z.record(z.string(), z.unknown())),
  /** Weight of each of several teachers' logits (default: the same). */
  teacherWeight: z.optional(listOf(z.number().check(z.positive()))),
  /** Which of the teacher's classes are the data set's, {theirs: ours}, by their names or, if its file has none, numbers; or a list of the names of its classes. */
  teacherLabels: z.optional(z.union([z.record(z.string(), z.string()), z.array(z.string()).check(z.minLength(2))])),
  /** Of a teacher that is an ONNX file: how pictures are made ready for it, where neither its metadata nor a file beside it say so. */
  teacherOptions: z.optional(teacherOptions),
  /** Safetensors file of logits of the training images that were computed elsewhere, as a teacher. */
  teacherLogits: z.optional(z.string().check(z.minLength(1))),
};

/** Whether a teacher's file is run or imported as ONNX, by its name. */
export function isOnnx(path: string): boolean {
  return /\.onnx$/i.test(path);
}

interface Teachers {
  readonly teacher: readonly string[];
  readonly teacherModel?: readonly string[] | undefined;
  readonly teacherModelOptions?: Readonly<Record<string, unknown>> | undefined;
  readonly teacherWeight?: readonly number[] | undefined;
  readonly teacherOptions?: TeacherOptions | undefined;
  readonly teacherLogits?: string | undefined;
}

/** Reports that nobody teaches, a number of models or weights that is not that of the teachers, and options of ONNX files where there is none. */
export function checkTeachers({ value, issues }: z.core.ParsePayload<Teachers>): void {
  const { teacher, teacherModel, teacherWeight, teacherLogits } = value;
  const issue = (name: string, message: string): void => {
    issues.push({ code: "custom", path: [name], message, input: value });
  };
  const teachers = teacher.length + (teacherLogits === undefined ? 0 : 1);
  const wrong = (name: string, got: number, expected: string): void =>
    issue(name, `expected ${expected} for ${teachers} ${teachers === 1 ? "teacher" : "teachers"}, got ${got}`);
  if (teachers === 0) issue("teacher", "expected an ONNX file or a safetensors file of weights, or give teacherLogits");
  const networks = teacher.filter((path) => !isOnnx(path)).length;
  if (teacherModel && networks === 0)
    issue("teacherModel", "it is for weights of networks; an ONNX file says which network it holds");
  if (value.teacherModelOptions && networks === 0)
    issue("teacherModelOptions", "they are for weights of networks; an ONNX file says which network it holds");
  if (teacherModel && networks > 0 && ![1, teacher.length].includes(teacherModel.length))
    wrong("teacherModel", teacherModel.length, `1 or ${teacher.length}`);
  if (teacherWeight && teacherWeight.length !== teachers)
    wrong("teacherWeight", teacherWeight.length, String(teachers));
  if (value.teacherOptions && networks === teacher.length)
    issue("teacherOptions", "they are for teachers that are ONNX files; weights of Limbeck's say it themselves");
}
