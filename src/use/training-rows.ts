/** @file How the network of a weights file was trained, in rows for people: what its run wrote down, else what the file says. */
import { basename, dirname, join, resolve } from "node:path";
import { isHubName, parseHubName } from "../data/hub-name.ts";
import { readIfThere } from "../data/node/read-file.ts";
import type { ModelFile } from "../model-file/index.ts";
import { modelOptionsOf, optionsText } from "../models/index.ts";
import { parseStrictJson } from "../strict-json.ts";
import { imagesMeasured, parseRecord, type RunRecord } from "../experiment/index.ts";
import { experimentOf } from "../experiment/node/index.ts";
import type { Origin } from "../ship/index.ts";

/** `Teacher`, `DeepNN, 71.50% of the test images`. */
export type TrainingRow = readonly [what: string, value: string];

/** The rows, in their order. What cannot be read tells less. */
export async function trainingRows({ source, description }: ModelFile): Promise<readonly TrainingRow[]> {
  const run = dirname(resolve(source));
  const [record, teacher, config] = await Promise.all([
    recordIn(run),
    recordIn(join(dirname(run), "teacher")),
    experimentOf(source),
  ]);
  const { name, dataset } = description ?? {};
  const made: Readonly<Record<string, unknown>> = description?.made ?? {};
  const method = record?.method ?? wordOf(made["method"]);
  const ofMethod = record?.options ?? (made["options"] as Readonly<Record<string, unknown>> | undefined) ?? {};
  const options = optionsText(modelOptionsOf(description?.architecture));
  const epochs = record?.epochs.length ?? wordOf(made["epochs"]);
  const rows: (TrainingRow | undefined)[] = [
    name === undefined
      ? undefined
      : ["Network", record ? `${name}, ${record.parameters.toLocaleString("en-GB")} parameters` : name],
    options.length === 0 ? undefined : ["Options of the network", options],
    dataset === undefined ? undefined : ["Images", dataset],
    method === undefined ? undefined : ["Method", methodText(method, ofMethod)],
    teacherRow(method, record, teacher, config),
    epochs === undefined
      ? undefined
      : ["Epochs", `${epochs}, seed ${wordOf(made["seed"]) ?? config?.seed ?? "unknown"}`],
    record && [
      record.measure === "agreement" ? "Test images as the teacher has them" : rightRow(record),
      `${record.test.accuracy.toFixed(2)}% of ${record.test.count}`,
    ],
  ];
  return rows.filter((row) => row !== undefined);
}

/** Which repositories of the Hugging Face hub the run's teachers and images come from. */
export async function hubNames(source: string): Promise<Origin["hub"]> {
  const config = await experimentOf(source);
  const nameOf = (given: unknown): string[] =>
    typeof given === "string" && isHubName(given) ? [parseHubName(given).repository] : [];
  const teachers = config && "teacher" in config ? [config.teacher ?? []].flat().flatMap(nameOf) : [];
  const [dataset] = nameOf(config?.dataset);
  return teachers.length > 0 || dataset !== undefined ? { teachers, dataset } : undefined;
}

function rightRow({ measuredOn }: RunRecord): string {
  return measuredOn ? "Validation images right in training" : "Test images right in training";
}

function methodText(method: string, options: Readonly<Record<string, unknown>>): string {
  const list = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const called = method === "ce" ? "ce: labels alone, without a teacher" : method;
  return list.length > 0 && method !== "ce" ? `${called} (${list.join(", ")})` : called;
}

function teacherRow(
  method: string | undefined,
  record: RunRecord | undefined,
  teacher: RunRecord | undefined,
  config: Awaited<ReturnType<typeof experimentOf>>,
): TrainingRow | undefined {
  if (method === "ce" || !record || record === teacher) return undefined;
  if (teacher) {
    const { model, parameters, test } = teacher;
    const images = imagesMeasured(teacher);
    return [
      "Teacher",
      `${model}, ${parameters.toLocaleString("en-GB")} parameters, ${test.accuracy.toFixed(2)}% of ${test.count} ${images} right`,
    ];
  }
  const paths = config && "teacher" in config ? [config.teacher ?? []].flat() : [];
  return paths.length > 0 ? ["Teacher", paths.map((path) => basename(path)).join(", ")] : undefined;
}

/**
 * The record in a run's folder; `undefined` where there is none. NOTE: nor for one that cannot be read, of an older version say: it tells less, and is no
 * reason to keep a network from being shipped.
 */
export async function recordIn(run: string): Promise<RunRecord | undefined> {
  const path = join(run, "run.json");
  try {
    const bytes = await readIfThere(path);
    return bytes && parseRecord(parseStrictJson(new TextDecoder().decode(bytes)), path);
  } catch {
    return undefined;
  }
}

function wordOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
