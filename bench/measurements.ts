/** @file Everything that the benchmark measures, by name: rows, times to an end, and memory. */
import { unknownName } from "../src/nearest-name.ts";
import { durations, type DurationName } from "./durations.ts";
import { memories, type MemoryName } from "./memory.ts";
import { rows, type RowName } from "./rows.ts";

export interface Chosen {
  readonly rows: readonly RowName[];
  readonly durations: readonly DurationName[];
  readonly memories: readonly MemoryName[];
}

export const measurementNames: readonly string[] = [rows, durations, memories].flatMap((table) => Object.keys(table));

/** The measurements of these names, all if none is given. Throws UNKNOWN_NAME with the nearest one. */
export function findMeasurements(names: readonly string[]): Chosen {
  for (const name of names) if (!measurementNames.includes(name)) unknownName("row", name, measurementNames);
  const chosen = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] =>
    (Object.keys(table) as Name[]).filter((name) => names.length === 0 || names.includes(name));
  return { rows: chosen(rows), durations: chosen(durations), memories: chosen(memories) };
}
