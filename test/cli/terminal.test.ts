/** @file What a person sees: commands in a terminal of 80 columns, which `script` of util-linux makes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { afterAll, describe, expect, test } from "vitest";
import { shellWords } from "../../src/shell-words.ts";
import { main, node } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-terminal-"));
afterAll(() => rmSync(cwd, { recursive: true }));

/** All lines that were drawn, in their order, without colours. */
function shownIn80Columns(words: readonly string[]): readonly string[] {
  const line = `stty cols 80 rows 24; ${shellWords([node, main, ...words])}`;
  const { stdout } = spawnSync("script", ["-qec", line, "/dev/null"], { cwd, encoding: "utf8" });
  return stripVTControlCharacters(stdout).split(/\r?\n/);
}

describe.skipIf(spawnSync("script", ["--version"]).error)("in a terminal (skipped without script)", () => {
  test(
    "the tutorial is a block that updates, a line for each run, a table and three commands",
    { timeout: 60_000 },
    () => {
      const lines = shownIn80Columns(
        "tutorial --limit 96 --epochs 2 --validation 20 --no-latency --threads 1 --out runs/first".split(" "),
      );
      expect(lines.filter((line) => /^\[1\/5\] Teacher  epoch [12]\/2  step \d+\/10$/.test(line))).not.toEqual([]);
      expect(lines.filter((line) => /^[━─]{32} +\d+%/.test(line))).not.toEqual([]);
      expect(lines.filter((line) => /^loss \d\.\d+  [▁-█]+  validation \d+\.\d+%  [▁-█]+$/.test(line))).not.toEqual([]);
      expect(lines.filter((line) => /✓ .*: \d+\.\d+% of the test images/.test(line))).toHaveLength(5);
      const table = lines.findIndex((line) => line.startsWith("Run "));
      const next = lines.indexOf("Next:");
      expect(next - table).toBeLessThan(16);
      expect(lines.slice(next + 1).filter((line) => line.startsWith("  # "))).toHaveLength(3);
      // Commands are to be copied, so they are not broken.
      const wide = lines.slice(0, next).filter((line) => stringWidth(line) > 80);
      expect(wide).toEqual([]);
    },
  );
});
