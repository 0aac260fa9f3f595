/** @file Seeds on the command line. */
import { whole } from "../../src/cli/option-values.ts";

const parseSeed = whole(0);

/** One after the other, as commander has it. Throws InvalidArgumentError for what is no whole number. */
export function parseSeeds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, parseSeed(text)];
}
