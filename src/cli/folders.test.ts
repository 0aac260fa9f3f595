import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "./folders.ts";

test("a new folder is named for the time and never one that is there", () => {
  const root = mkdtempSync(join(tmpdir(), "limbeck-out-"));
  try {
    const now = new Date(2026, 0, 31, 5, 4, 3);
    const first = newFolder(["tutorial", "shapes"], now, root);
    expect(first).toBe(join(root, "2026-01-31-050403-tutorial-shapes"));
    mkdirSync(first);
    mkdirSync(`${first}-2`);
    expect(newFolder(["tutorial", "shapes"], now, root)).toBe(`${first}-3`);
  } finally {
    rmSync(root, { recursive: true });
  }
});
