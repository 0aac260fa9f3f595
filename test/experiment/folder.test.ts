/** @file An experiment's folder on disk: whole files, cut logs, one process at a time. */
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ExperimentFolder, Lines } from "../../src/experiment/folder.ts";
import { openFolder } from "../../src/experiment/node/folder.ts";

let out: string;
beforeEach(async () => void (out = await mkdtemp(join(tmpdir(), "limbeck-folder-"))));
afterEach(() => rm(out, { recursive: true }));

test("files come back, missing ones are undefined, nothing but them and their manifest is left", async () => {
  const folder = await openFolder(join(out, "new", "folder"));
  await folder.write("run/a.json", "{}\n");
  await folder.write("run/a.json", Uint8Array.of(1, 2));
  expect([...(await folder.read("run/a.json"))!]).toEqual([1, 2]);
  expect(await folder.read("run/b.json")).toBeUndefined();
  await folder.remove(["run/b.json"]);
  await folder.write("run/c.json", "{}");
  await folder.remove(["run/c.json"]);
  await folder.close();
  const left = await readdir(join(out, "new", "folder"), { recursive: true });
  expect(left.toSorted()).toEqual(["manifest.json", "run", "run/a.json"]);
});

test("a log is cut back to the lines that are to stay, a torn last line too, and then grows", async () => {
  const lines = await begin(["one", "two"], "three\nfo");
  lines.append("3");
  await lines.flush();
  expect(await readFile(join(out, "log"), "utf8")).toBe("one\ntwo\n3\n");
  lines.append("4");
  await lines.close();
  expect(await readFile(join(out, "log"), "utf8")).toBe("one\ntwo\n3\n4\n");
  expect(await folder.readLines("log")).toEqual(["one", "two", "3", "4"]);
  expect(folder.notes).toEqual([]);
  await folder.close();
});

test("a log that lost or changed a line is told of and begins anew", async () => {
  for (const text of ["one\n", "one\ntoo\n", ""]) {
    const lines = await begin(["one", "two"], "", text);
    expect(folder.notes.splice(0)).toEqual([expect.stringContaining("log")]);
    lines.append("3");
    await lines.flush();
    await lines.close();
    expect(await readFile(join(out, "log"), "utf8")).toBe("3\n");
    await writeFile(join(out, "log"), "4\n");
    expect(await folder.readLines("log")).toBeUndefined();
    expect(folder.notes).toHaveLength(1);
    await folder.close();
  }
});

let folder: ExperimentFolder;

/** A log of these lines, whose process was then killed, with this text behind them, or in their place; opened again to keep them. */
async function begin(kept: readonly string[], behind: string, instead?: string): Promise<Lines> {
  await rm(out, { recursive: true });
  folder = await openFolder(out);
  await folder.write("config.json", "{}");
  const lines = await folder.lines("log", 0);
  for (const line of kept) lines.append(line);
  await lines.close();
  await folder.close();
  if (instead === undefined) await appendFile(join(out, "log"), behind);
  else await writeFile(join(out, "log"), instead);
  folder = await openFolder(out);
  return folder.lines("log", kept.length);
}

test("a folder in use is refused, naming the process, until it is let go", async () => {
  const folder = await openFolder(out);
  const again = openFolder(out);
  await expect(again).rejects.toMatchObject({ code: "OUTPUT", message: expect.stringContaining(`${process.pid}`) });
  await folder.close();
  await (await openFolder(out)).close();
});

test("a place that cannot be a folder is refused before anything happens", async () => {
  await writeFile(join(out, "file"), "");
  await expect(openFolder(join(out, "file"))).rejects.toMatchObject({ code: "OUTPUT" });
  // Where Node's own recursive mkdir would never return.
  if (process.platform === "linux") await expect(openFolder("/proc/limbeck")).rejects.toMatchObject({ code: "OUTPUT" });
  await expect(openFolder(join(out, "file", "inner"))).rejects.toMatchObject({ code: "OUTPUT" });
  await mkdir(join(out, "folder", "lock"), { recursive: true });
  await expect(openFolder(join(out, "folder"))).rejects.toMatchObject({ code: "OUTPUT" });
});
