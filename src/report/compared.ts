/** @file Which places of teacher and student a run compared, in words. */
import type { PairRecord } from "../experiment/record.ts";

/** `at compares layer2 [32, 16, 16] with features.4 [16, 16, 16]`: one sentence a method, the teacher's places first. */
export function comparedPlaces(pairs: readonly PairRecord[]): string[] {
  const methods = [...new Set(pairs.map(({ method }) => method))];
  return methods.map((method) => {
    const own = pairs.filter((pair) => pair.method === method);
    const texts = own.map(
      ({ teacher, student, teacherShape, studentShape }) =>
        `${teacher} [${teacherShape.join(", ")}] with ${student} [${studentShape.join(", ")}]`,
    );
    return `${method} compares ${texts.join(", ")}`;
  });
}
