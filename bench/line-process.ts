/** @file A process that is asked over pipes, a JSON request a line, so that its steps can be timed between others'. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { LimbeckError } from "../src/errors.ts";
import type { Contender } from "../src/benchmark/index.ts";

/** A running process that answers in order. */
export interface LineProcess {
  /** What it says next. Throws ENGINE if it has ended. */
  answer(): Promise<Answer>;
  ask(request: object): Promise<Answer>;
  /** Does the work of `request` so many steps at a time. Closing it leaves the process running. */
  contender(name: string, request: object): Contender;
  close(): void;
}

/** First what it is; then, for each request, a time, the most memory it has had, or the parameters of a network. */
export interface Answer {
  /** None if what it would compare with is not installed. */
  readonly version?: string;
  readonly milliseconds?: number;
  readonly peakBytes?: number;
  readonly parameters?: number;
}

/** Starts it; what it writes to stderr is shown. */
export function startLineProcess(
  command: string,
  args: readonly string[],
  { env = process.env }: { readonly env?: NodeJS.ProcessEnv } = {},
): LineProcess {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // it has ended: there will be no answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new LimbeckError("ENGINE", `${command} ended without an answer; see its message above`);
    return JSON.parse(value) as Answer;
  };
  const ask = (request: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer();
  };
  return {
    answer,
    ask,
    contender: (name, request) => ({
      name,
      time: async (steps) => (await ask({ ...request, steps })).milliseconds!,
      close: async () => {},
    }),
    close: () => child.stdin.end(),
  };
}
