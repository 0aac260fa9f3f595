/** @file Several teachers as one: the mean of their logits. */
import { LimbeckError } from "../errors.ts";
import { ensemble } from "../models/index.ts";
import type { Shape } from "../tensor/index.ts";
import { togetherToTime } from "../train/index.ts";
import { readOutputs } from "./outputs.ts";
import { LOGITS, type DatasetTeacher, type TeacherDescription, type TeacherOutputs } from "./teacher.ts";

/**
 * Outputs whose logits are the members' weighted mean, Σ w_i z_i / Σ w_i, as those of `ensemble`; by default each counts the same. A member's other
 * outputs have its number before their names: `0.layer4`.
 *
 * Throws ARGUMENT for fewer than one member, members of other images or numbers of classes, or weights that are not one positive number each.
 */
export function ensembleOutputs(members: readonly TeacherOutputs[], weights?: readonly number[]): TeacherOutputs {
  const counts = weights ?? members.map(() => 1);
  const description = together(members, counts);
  const [first, ...others] = members;
  if (others.length === 0) return first!;
  const total = counts.reduce((sum, weight) => sum + weight, 0);
  return {
    ...description,
    count: first!.count,
    async read(from, to, wanted) {
      const parts = await Promise.all(
        members.map((member, i) => readOutputs(member, from, to, wantedOfMember(wanted, i))),
      );
      const inner = parts.flatMap((outputs, i) =>
        Object.entries(outputs).flatMap(([path, values]) =>
          path === LOGITS ? [] : [[`${i}.${path}`, values] as const],
        ),
      );
      const logits = wanted.includes(LOGITS) && {
        [LOGITS]: mean(
          parts.map((outputs) => outputs[LOGITS]!),
          counts.map((weight) => weight / total),
        ),
      };
      return { ...Object.fromEntries(inner), ...logits };
    },
  };
}

/** Several teachers of a data set as one, by the weighted mean of their logits. Throws as `ensembleOutputs`. */
export function ensembleTeacher(teachers: readonly DatasetTeacher[], weights?: readonly number[]): DatasetTeacher {
  const description = together(teachers, weights ?? teachers.map(() => 1));
  const [first, ...others] = teachers;
  if (others.length === 0) return first!;
  const sum = (of: (teacher: DatasetTeacher) => number): number => teachers.reduce((all, each) => all + of(each), 0);
  const toTime = teachers.flatMap((teacher) => teacher.toTime ?? []);
  const inStep = teachers.flatMap((teacher) => teacher.inStep ?? []);
  return {
    ...description,
    origins: teachers.flatMap(({ origins }) => origins),
    parameters: sum(({ parameters }) => parameters),
    bytes: sum(({ bytes }) => bytes),
    async countMultiplyAdds() {
      const counts = await Promise.all(teachers.map((teacher) => teacher.countMultiplyAdds?.()));
      return counts.reduce((total, each) => (total === undefined || each === undefined ? undefined : total + each), 0);
    },
    toTime: toTime.length === teachers.length ? togetherToTime(toTime) : undefined,
    knows: new Set([...first!.knows].filter((which) => others.every(({ knows }) => knows.has(which)))),
    isQueriedMirrored: teachers.every(({ isQueriedMirrored }) => isQueriedMirrored),
    async *query(which, wanted, how) {
      const outputs: TeacherOutputs[] = [];
      for (const [i, teacher] of teachers.entries())
        outputs.push(yield* teacher.query(which, wantedOfMember(wanted, i), how));
      return ensembleOutputs(outputs, weights);
    },
    inStep:
      inStep.length === teachers.length
        ? (columns) => {
            const networks = inStep.map((network) => network(columns));
            return {
              model: ensemble(
                networks.map(({ model }) => model),
                weights,
              ),
              values: new Map(networks.flatMap(({ values }) => [...values])),
            };
          }
        : undefined,
  };
}

/** A teacher, or its outputs for so many images. */
type Member = TeacherDescription & { readonly count?: number };

/** What members describe together. Throws as `ensembleOutputs`. */
function together(members: readonly Member[], weights: readonly number[]): TeacherDescription {
  const [first, ...others] = members;
  if (!first || weights.length !== members.length || !weights.every((weight) => weight > 0 && Number.isFinite(weight)))
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
  const inner = members.flatMap(({ shapes }, i) =>
    [...shapes].flatMap(([path, shape]): [string, Shape][] => (path === LOGITS ? [] : [[`${i}.${path}`, shape]])),
  );
  const { classNames, shapes } = first;
  return {
    name: members.map(({ name }) => name).join(" + "),
    classNames,
    shapes: new Map([[LOGITS, shapes.get(LOGITS)!], ...inner]),
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

function classesOf({ shapes }: Member): number | undefined {
  return shapes.get(LOGITS)?.[0];
}

function described(member: Member): string {
  const images = member.count === undefined ? "" : ` of ${member.count} images`;
  return `${member.name} with ${classesOf(member) ?? 0} classes${images}`;
}
