import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { overridden, readConfigFile } from "./config-file.ts";

const file = { method: "kd", preset: "cifar", options: { temperature: 4, kdWeight: 0.9 }, epochs: 3 };

test("single options go before a file's of the same method and preset", () => {
  expect(overridden(file, { options: { temperature: 2 }, preset: "cifar" })).toEqual({
    ...file,
    options: { temperature: 2, kdWeight: 0.9 },
  });
});

test("another preset or method leaves the file's options, and another method its preset", () => {
  expect(overridden(file, { preset: "imagenet" })).toEqual({ method: "kd", preset: "imagenet", epochs: 3 });
  expect(overridden(file, { preset: "imagenet", options: { kdWeight: 1 } })).toEqual({
    method: "kd",
    preset: "imagenet",
    options: { kdWeight: 1 },
    epochs: 3,
  });
  expect(overridden(file, { method: "dkd" })).toEqual({ method: "dkd", epochs: 3 });
  expect(overridden(file, { method: "nkd", preset: "cifar" })).toEqual({ method: "nkd", preset: "cifar", epochs: 3 });
  const { preset: _, ...plain } = file;
  expect(overridden(plain, { preset: "cifar" })).toEqual({ method: "kd", preset: "cifar", epochs: 3 });
});

test("a setting that a file has twice is refused: which of the two is meant?", async () => {
  const folder = mkdtempSync(join(tmpdir(), "limbeck-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "settings.json");
  writeFileSync(config, '{"epochs": 4, "seed": 1, "epochs": 40}');
  await expect(readConfigFile(config, "train")).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringContaining("a key is there twice"),
  });
});
