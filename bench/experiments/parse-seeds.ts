/** @file Seeds on the command line. */
import { read } from "../../src/cli/options.ts";
import { whole } from "../../src/experiment/settings/values.ts";

const parseSeed = read(whole(0));

/** One after the other, as commander has it. Throws InvalidArgumentError for what is no whole number. */
export function parseSeeds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, parseSeed(text)];
}
