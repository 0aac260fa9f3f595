import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "./folders.ts";

const now = new Date(2026, 0, 31, 5, 4, 3);
const parts = ["tutorial", "shapes"];

function temporaryFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "limbeck-out-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

test("a new folder is named for the time, made, and never one that is there", () => {
  const root = join(temporaryFolder(), "runs");
  const first = newFolder(parts, now, root);
  expect(first).toBe(join(root, "2026-01-31-050403-tutorial-shapes"));
  mkdirSync(`${first}-2`);
  expect(newFolder(parts, now, root)).toBe(`${first}-3`);
  expect(readdirSync(root)).toHaveLength(3);
});

test("one that cannot be made is an error that says what to do", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  expect(() => newFolder(parts, now, file)).toThrow(
    expect.objectContaining({ code: "OUTPUT", message: expect.stringMatching(/cannot be made.*--out/) }),
  );
});
