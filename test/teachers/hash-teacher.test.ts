import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { onnxFile } from "../onnx/onnx-file.ts";
import { hashTeacher } from "../../src/teachers/node/index.ts";

test("a teacher is all that it is read from: its file, its external data, what describes it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-hash-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "teacher.onnx");
  const nodes = [["MatMul", ["images", "w"], ["logits"]]] as const;
  const constants = { w: { dims: [2, 3], values: [], external: { location: "w.bin" } } };
  await writeFile(path, onnxFile({ nodes, constants }));
  const changes = [
    ["w.bin", "a".repeat(24)],
    ["w.bin", "b".repeat(24)],
    ["preprocessor_config.json", "{}"],
    ["config.json", "{}"],
    ["other.json", "{}"],
  ] as const;
  const hashes: string[] = [];
  for (const [name, text] of changes) {
    await writeFile(join(folder, name), text);
    hashes.push(await hashTeacher(path));
  }
  expect(new Set(hashes).size).toBe(4);
  expect(hashes[4]).toBe(hashes[3]);
  await rm(join(folder, "w.bin"));
  await expect(hashTeacher(path)).rejects.toMatchObject({ code: "DATA_MISSING" });
});
