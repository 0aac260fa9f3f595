/** @file What a command writes: its result on stdout, which has to arrive, and messages on stderr, which may be lost. */
import { LimbeckError } from "../errors.ts";

/** A reader that has seen enough, such as `head`, or a terminal that was closed. */
const gone: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** Lets the work go on when nobody reads stdout or stderr any more. To be called once, before anything is written. */
export function outliveReaders(): void {
  // NOTE: a stream's error without a listener ends the process; `print` hears of it by itself.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

/** Writes a line, or several, to stdout. Quiet where the reader is gone; throws OUTPUT where the text cannot be written. */
export function print(text: string): Promise<void> {
  return new Promise((settle, fail) => {
    process.stdout.write(`${text}\n`, (error) => {
      if (!error || gone.has((error as NodeJS.ErrnoException).code)) return settle();
      const message = `the result cannot be written to stdout: ${error.message}; make room, or send it elsewhere`;
      fail(new LimbeckError("OUTPUT", message, { cause: error }));
    });
  });
}

/** JSON without a character that a terminal would obey: those of a string that JSON may leave are escaped too. */
export function jsonLine(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replaceAll(/[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, escaped);
}

/** Writes a line to stderr, if anybody reads it. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
