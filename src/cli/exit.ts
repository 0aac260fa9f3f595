/** @file How the process of a command ends: by Limbeck alone, with Limbeck's exit code, once a user module has run. */
import { begunModules } from "../experiment/node/modules/import.ts";
import { written } from "./output.ts";

type Exit = (code?: number) => never;

const exit: Exit = process.exit.bind(process);
let exitCode: number | undefined;

/** Lets the calls that end a process throw where a user module makes them: the command would seem done, and its results be lost. */
export function refuseExits(): void {
  // NOTE: `process.exit` ends in `reallyExit`, after its listeners, which may have set another code.
  const reallyExit = Reflect.get(process, "reallyExit") as Exit;
  const refused =
    (call: string, end: Exit): Exit =>
    (code) => {
      if (exitCode !== undefined || begunModules().length === 0) return end.call(process, exitCode ?? code);
      throw new Error(`it called process.${call}; a module ends by returning, or throws an error`);
    };
  const ends = { exit, reallyExit, abort: process.abort as Exit };
  Object.assign(process, Object.fromEntries(Object.entries(ends).map(([call, end]) => [call, refused(call, end)])));
}

/** Ends the process, whatever it still waits for, when what was printed is written. */
export async function endProcess(code: number): Promise<never> {
  await written();
  exitCode = code;
  return exit(code);
}

/** The same without a wait for anything. */
export function endAtOnce(code: number): never {
  exitCode = code;
  return exit(code);
}
