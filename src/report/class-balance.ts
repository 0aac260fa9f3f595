/** @file What somebody should know of an accuracy where classes are unequal. */
import type { Evaluation, Measured } from "../experiment/index.ts";
import { count, percent } from "./format.ts";

/** What the largest class alone comes to, by its name if that is known; nothing where classes are about equal, or where agreement is counted. */
export function largestShare(
  test: Pick<Evaluation, "largestClass" | "smallestClass" | "isUnequal">,
  { measure }: Measured,
  name?: string,
): string | undefined {
  if (measure === "agreement" || !test.isUnequal) return undefined;
  const { largestClass, smallestClass } = test;
  return (
    `classes are unequal, with ${count(smallestClass.images)} to ${count(largestClass.images)} images: ` +
    `always answering ${name ?? "the largest"} is right for ${percent(largestClass.percent)}`
  );
}

/** What a student that always gives its teacher's most common answer would come to; named, if the name is known. */
export function commonestAnswer({ largestClass }: Pick<Evaluation, "largestClass">, name?: string): string {
  const which = name === undefined ? "" : `, ${name},`;
  return `Always giving the teacher's most common answer${which} would agree on ${percent(largestClass.percent)}`;
}
