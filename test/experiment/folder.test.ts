/** @file An experiment's folder on disk: whole files, cut logs, one process at a time. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolder } from "../../src/experiment/node/folder.ts";

let out: string;
beforeEach(async () => void (out = await mkdtemp(join(tmpdir(), "limbeck-folder-"))));
afterEach(() => rm(out, { recursive: true }));

test("files come back, missing ones are undefined, nothing but them is left", async () => {
  const folder = await openFolder(join(out, "new", "folder"));
  await folder.write("run/a.json", "{}\n");
  await folder.write("run/a.json", Uint8Array.of(1, 2));
  expect([...(await folder.read("run/a.json"))!]).toEqual([1, 2]);
  expect(await folder.read("run/b.json")).toBeUndefined();
  await folder.remove("run/b.json");
  await folder.close();
  expect(await readdir(join(out, "new", "folder"), { recursive: true })).toEqual(["run", "run/a.json"]);
});

test("a log is cut back to the lines that are to stay, a torn last line too, and then grows", async () => {
  const folder = await openFolder(out);
  await writeFile(join(out, "log"), "one\ntwo\nthree\nfo");
  const lines = await folder.lines("log", 2);
  lines.append("3");
  await lines.flush();
  expect(await readFile(join(out, "log"), "utf8")).toBe("one\ntwo\n3\n");
  lines.append("4");
  await lines.close();
  expect(await readFile(join(out, "log"), "utf8")).toBe("one\ntwo\n3\n4\n");
  await folder.close();
});

test("a log with fewer lines than are to stay is no log of this run", async () => {
  const folder = await openFolder(out);
  await writeFile(join(out, "log"), "one\n");
  await expect(folder.lines("log", 2)).rejects.toMatchObject({ code: "OUTPUT" });
  await folder.close();
});

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
