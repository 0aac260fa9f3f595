/** @file The tarball as linters of packages see it: a suite for packed.test.ts. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { expect, test } from "vitest";
import { repository, type Installed } from "./install.ts";

export function publishable(installed: () => Installed): void {
  test("publint finds nothing wrong in it", async () => {
    const tarball = new Uint8Array(await readFile(installed().tarball)).buffer;
    const { messages } = await publint({ pack: { tarball }, level: "warning" });
    expect(messages).toEqual([]);
  });

  test("arethetypeswrong finds types for every entry, in Node and in bundlers", async () => {
    const attw = join(repository, "node_modules/.bin/attw");
    // Patterns are left out; one entry stands for them.
    const args = [installed().tarball, "--profile", "esm-only", "--format", "table-flipped", "--no-emoji"];
    // It exits with 1 if it finds a problem.
    const { stdout } = await promisify(execFile)(attw, [...args, "--include-entrypoints", "methods/kd"]);
    expect(stdout).toMatch(/node16 \(from ESM\).*bundler/);
    expect(stdout).toMatch(/"limbeck\/methods\/kd".*OK \(ESM\).*OK\b/);
  });
}
