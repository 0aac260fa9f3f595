/** @file Teachers that were trained elsewhere, perhaps on the very pictures that are held out here. */
import { basename } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import type { Config } from "../config.ts";

/** Names of those that no run of Limbeck's is known to have made: ONNX files, weights that say nothing of their training, logits. */
export function externalTeachers(
  config: object,
  paths: readonly string[],
  weights: ReadonlyMap<number, { readonly description?: unknown }>,
): readonly string[] {
  const { teacherLogits } = config as Partial<Config<"distill">>;
  const files = paths.filter((_, i) => weights.get(i)?.description === undefined);
  return [...files, ...(teacherLogits === undefined ? [] : [teacherLogits])].map((path) => basename(path));
}

/** What they must not have been trained on: pictures with labels that were drawn from all for the test, and for validation. */
export function heldOutNote(
  { name, isLabelled = true, isTestDrawn = false, measuredOn, validation, test }: Dataset,
  teachers: readonly string[],
): readonly string[] {
  if (teachers.length === 0 || !isLabelled || !isTestDrawn) return [];
  const counts = [...(validation ? [`${validation.count} validation`] : []), `${test.count} ${measuredOn ?? "test"}`];
  const were = teachers.length === 1 ? "was" : "were";
  return [
    `${counts.join(" and ")} pictures of ${name} are held out, drawn from all: figures on them mean something only if ` +
      `${teachers.join(", ")} ${were} not trained on them; the same command with --list-images FILE says which they are`,
  ];
}
