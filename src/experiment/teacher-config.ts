/** @file What a configuration says of teachers: whether its settings fit each other, and what their runs are called. */
import type * as z from "zod/mini";

/** The data set's classes by the teacher's: of a file that names none, by their numbers from 0. */
export type TeacherLabels = Readonly<Record<string, string>>;

/** Whether a teacher's file is run or imported as ONNX, by its name. */
function isOnnx(path: string): boolean {
  return /\.onnx$/i.test(path);
}

interface Teachers {
  readonly teacher: readonly string[];
  readonly teacherModel?: readonly string[] | undefined;
  readonly teacherModelOptions?: Readonly<Record<string, unknown>> | undefined;
  readonly teacherWeight?: readonly number[] | undefined;
  readonly teacherLogits?: string | undefined;
}

/** Reports that nobody teaches, and a number of models or weights that is not that of the teachers. */
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
}

/** The name of the run of one of so many teachers, from 0. */
export function teacherRun(i: number, teachers: number): string {
  return teachers === 1 ? "teacher" : `teacher-${i + 1}`;
}

/** For people. */
export function teacherTitle(i: number, teachers: number): string {
  return teachers === 1 ? "Teacher" : `Teacher ${i + 1}`;
}

/** Labels that say which class is which; a list says what the teacher's own are called. */
export function labelMap(labels: TeacherLabels | readonly string[] | undefined): TeacherLabels | undefined {
  return isList(labels) ? undefined : labels;
}

function isList(labels: unknown): labels is readonly string[] {
  return Array.isArray(labels);
}
