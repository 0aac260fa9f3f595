import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { readRegularFile } from "./read-file.ts";

/** A file of a hundred million sevens, so that reading takes a while. */
function largeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "large.bin");
  writeFileSync(file, new Uint8Array(100_000_000).fill(7));
  return file;
}

it("reads a file whole", async () => {
  const bytes = await readRegularFile(largeFile(), { most: 100_000_000 });
  expect([bytes.length, bytes.every((byte) => byte === 7)]).toEqual([100_000_000, true]);
});

/** What became of the reading, in words: a file's bytes are too many to print. */
const outcome = (read: Promise<Uint8Array>): Promise<string> =>
  read.then(
    ({ length }) => `read ${length} bytes`,
    (error: Error) => error.message,
  );

it.each<[string, (file: string, turn: number) => void]>([
  ["grows", (file) => appendFileSync(file, "more")],
  ["shrinks", (file, turn) => truncateSync(file, 100_000_000 - turn)],
  ["is written to", (file, turn) => utimesSync(file, turn, turn)],
])("refuses one that %s meanwhile", async (_, change) => {
  const file = largeFile();
  const read = outcome(readRegularFile(file));
  let changes = 0;
  const changing = setInterval(() => change(file, ++changes));
  onTestFinished(() => clearInterval(changing));
  expect(await read).toBe("it changed while it was read; try again when nothing writes to it");
});

it("stops when told to", async () => {
  const stop = new AbortController();
  const read = outcome(readRegularFile(largeFile(), { signal: stop.signal }));
  await setImmediate();
  stop.abort();
  expect(await read).toMatch(/abort/);
});

it("reads nothing of a file that is too large", async () => {
  expect(await outcome(readRegularFile(largeFile(), { most: 99_999_999 }))).toBe(
    "it should have at most 99999999 bytes, got 100000000",
  );
});
