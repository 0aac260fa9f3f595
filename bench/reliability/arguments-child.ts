/** @file Runs command lines that its parent sends, one after another in this process, and tells how each ended. */
import { failureOf, type Failure } from "../../src/cli/failure.ts";
import { outliveReaders } from "../../src/cli/output.ts";
import { perform } from "../../src/cli/program.ts";

/** How a command line ended: nothing of a failure where it did what it should. */
export interface Ending {
  readonly failure?: Failure;
  readonly stack?: string;
  /** Names that Object.prototype got. */
  readonly grown: number;
}

const before = Object.getOwnPropertyNames(Object.prototype).length;

async function endingOf(args: readonly string[]): Promise<Ending> {
  const grown = (): number => Object.getOwnPropertyNames(Object.prototype).length - before;
  try {
    await perform(args);
    return { grown: grown() };
  } catch (error) {
    return { failure: failureOf(error), stack: String((error as Error).stack), grown: grown() };
  }
}

outliveReaders();
// A parent that was killed.
process.on("disconnect", () => process.exit());
process.on("message", (args: readonly string[]) => {
  void endingOf(args).then((ending) => process.send!(ending));
});
