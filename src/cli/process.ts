/** @file The process of a command: what it prints where, when it ends, and errors that nothing catches. User modules may leave such. */
import { begunModules } from "../experiment/node/modules/import.ts";
import { fromModule } from "../experiment/node/modules/failed.ts";
import { watchCtrlC } from "./ctrl-c.ts";
import { endProcess, refuseExits } from "./exit.ts";
import { printFailure } from "./failure.ts";
import { failWork } from "./follow.ts";
import { outliveReaders, reserveStdout } from "./output.ts";
import { runCommandLine } from "./program.ts";

/** Runs `limbeck` with these arguments, as what this process is there for. */
export async function runProcess(args: readonly string[]): Promise<void> {
  const isJson = args.includes("--json");
  outliveReaders();
  if (isJson || args.includes("--csv")) reserveStdout();
  refuseExits();
  failOnUncaught(isJson);
  watchCtrlC();
  process.exitCode = await runCommandLine(args);
  // Timers and connections of a user module may last for ever.
  if (begunModules().length > 0) await endProcess(process.exitCode);
}

/**
 * Lets such an error end the command as one that was thrown: what is under way stops, saved as for Ctrl-C, and throws it; where nothing is, the
 * process ends.
 */
function failOnUncaught(json: boolean): void {
  const failed =
    (what: string) =>
    (error: unknown): void => {
      const failure = fromModule(error, begunModules(), what);
      if (!failWork(failure)) void endProcess(printFailure(failure, json));
    };
  process.on("uncaughtException", failed("failed where nothing catches it"));
  process.on("unhandledRejection", failed("left a promise that failed, and nobody awaits"));
}
