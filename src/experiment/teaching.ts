/** @file The part of a description that says who teaches whom, and how. */
import { z } from "zod";
import { objectiveNamed } from "../distill/index.ts";

/** What a method is told, where it trains a network. */
export const byPreset = {
  preset: z.string().optional().describe("published settings of the method that the options go before"),
};

/** How a network is trained: by a method, or several. */
export const byMethod = {
  options: z.record(z.string(), z.unknown()).default({}).describe("options of the method"),
};

/** Whether a teacher is taken as it is. */
export const force: z.ZodOptional<z.ZodBoolean> = z
  .boolean()
  .optional()
  .describe("teach with a teacher that does no better than guessing, too");

/** Who teaches the student. */
export const taught = {
  force,
  teacher: listOf(z.string().min(1)).describe("safetensors file of the teacher's weights; several teach together"),
  teacherModel: listOf(z.string())
    .optional()
    .describe("name of the teacher's model, one for each or one for all: its file's if not said, or DeepNN"),
  teacherWeight: listOf(z.number().positive())
    .optional()
    .describe("what each of several teachers' logits count; the same if not said"),
  through: listOf(z.string(), 0)
    .default([])
    .describe("models of assistants between teacher and student, each taught by the one before"),
  model: z.string().default("LightNN").describe("name of the student's model"),
  method: z.string().default("kd").describe("name of the distillation method, or several as kd+at"),
  ...byMethod,
  ...byPreset,
};

/** The description with every option of its method: those given, the preset's, the defaults. Throws as `objectiveNamed`. */
export function settleMethod<C extends Taught>(config: C): C {
  const { method, options, preset } = config;
  return { ...config, options: objectiveNamed(method, options, preset).options };
}

/** What says how a network is taught. */
interface Taught {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly preset?: string | undefined;
}

/** A description's teachers, once parsed. */
export interface Teachers {
  readonly teacher: readonly string[];
  readonly teacherModel?: readonly string[] | undefined;
  readonly teacherWeight?: readonly number[] | undefined;
}

/** Reports a number of models or weights that is not that of the teachers. */
export function checkTeachers({ value, issues }: z.core.ParsePayload<Teachers>): void {
  const { teacher, teacherModel, teacherWeight } = value;
  const wrong = (name: string, got: number, expected: string): void => {
    const message = `expected ${expected} for ${teacher.length} ${teacher.length === 1 ? "teacher" : "teachers"}, got ${got}`;
    issues.push({ code: "custom", path: [name], message, input: value });
  };
  if (teacherModel && ![1, teacher.length].includes(teacherModel.length))
    wrong("teacherModel", teacherModel.length, `1 or ${teacher.length}`);
  if (teacherWeight && teacherWeight.length !== teacher.length) {
    wrong("teacherWeight", teacherWeight.length, String(teacher.length));
  }
}

/** A list of `least` or more; one may stand alone. */
function listOf<Item>(item: z.ZodType<Item, Item>, least = 1): z.ZodType<Item[], Item | Item[]> {
  return z.union([z.array(item).min(least), item.transform((value) => [value])]);
}
