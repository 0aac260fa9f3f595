/** @file Several teachers' outputs as one teacher's: the mean of their logits. */
import { LimbeckError } from "../errors.ts";
import type { Shape } from "../tensor/index.ts";
import { readOutputs, type TeacherOutputs } from "./outputs.ts";
import { LOGITS } from "./teacher.ts";

/**
 * Outputs whose logits are the members' weighted mean, Σ w_i z_i / Σ w_i, as those of `ensemble`; by default each counts the same. A member's other
 * outputs have its number before their names: `0.layer4`.
 *
 * Throws ARGUMENT for fewer than one member, members of other images or numbers of classes, or weights that are not one positive number each.
 */
export function ensembleOutputs(members: readonly TeacherOutputs[], weights?: readonly number[]): TeacherOutputs {
  const counts = weights ?? members.map(() => 1);
  const [first, ...others] = members;
  if (!first || counts.length !== members.length || !counts.every((weight) => weight > 0 && Number.isFinite(weight)))
    throw new LimbeckError(
      "ARGUMENT",
      "ensembleOutputs: it should have a teacher or more and a positive weight for each",
    );
  for (const other of others) {
    if (other.count === first.count && classesOf(other) === classesOf(first)) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `teachers together should tell the same classes of the same images, got ${described(first)} and ${described(other)}; ` +
        "say which of their classes are which (teacherLabels), or give one of them",
    );
  }
  if (others.length === 0) return first;
  const total = counts.reduce((sum, weight) => sum + weight, 0);
  const inner = members.flatMap(({ shapes }, i) =>
    [...shapes].flatMap(([path, shape]): [string, Shape][] => (path === LOGITS ? [] : [[`${i}.${path}`, shape]])),
  );
  const { classNames, count, shapes } = first;
  return {
    name: members.map(({ name }) => name).join(" + "),
    ...(classNames && { classNames }),
    count,
    shapes: new Map([[LOGITS, shapes.get(LOGITS)!], ...inner]),
    async read(from, to, wanted) {
      const given = await Promise.all(
        members.map((member, i) => readOutputs(member, from, to, wantedOfMember(wanted, i))),
      );
      const own = given.flatMap((outputs, i) =>
        Object.entries(outputs).flatMap(([path, values]) =>
          path === LOGITS ? [] : [[`${i}.${path}`, values] as const],
        ),
      );
      const logits = wanted.includes(LOGITS) && {
        [LOGITS]: mean(
          given.map((outputs) => outputs[LOGITS]!),
          counts.map((weight) => weight / total),
        ),
      };
      return { ...Object.fromEntries(own), ...logits };
    },
  };
}

/** What member `i` has to give, by its own names. */
export function wantedOfMember(wanted: readonly string[], i: number): string[] {
  const start = `${i}.`;
  return wanted.flatMap((path) =>
    path === LOGITS ? [path] : path.startsWith(start) ? [path.slice(start.length)] : [],
  );
}

function mean(lists: readonly Float32Array[], shares: readonly number[]): Float32Array {
  const [first] = lists;
  return Float32Array.from(first!, (_, i) => lists.reduce((sum, list, k) => sum + list[i]! * shares[k]!, 0));
}

function classesOf({ shapes }: TeacherOutputs): number | undefined {
  return shapes.get(LOGITS)?.[0];
}

function described(outputs: TeacherOutputs): string {
  return `${outputs.name} with ${classesOf(outputs) ?? 0} classes of ${outputs.count} images`;
}
