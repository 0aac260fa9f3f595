/** @file How far a benchmark is. */

/** One line that is written over on a terminal; in a log, nothing. */
export function onProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
