/** @file What a teacher in an ONNX file costs: the same multiply-adds whatever runs it, and passes to be timed. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wasmEngine, type WasmEngine } from "../../src/entries/index.ts";
import { openTeacher } from "../../src/entries/node.ts";
import type { Preprocessing } from "../../src/entries/training.ts";
import { measureLatency } from "../../src/experiment/latency.ts";
import { colourTeacher } from "../cli/colour-teacher.ts";
import { onnxFile } from "../onnx/onnx-file.ts";

const folderOfGolden = new URL("../../src/onnx/golden/", import.meta.url);
const golden = JSON.parse(
  await readFile(new URL("../../src/onnx/import.golden.json", import.meta.url), "utf8"),
) as Readonly<Record<string, { readonly inputShape: readonly [number, number, number] }>>;

let engine: WasmEngine;
let folder: string;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "limbeck-cost-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** Pixels from 0 to 1. */
function plain(inputShape: readonly [number, number, number]): Partial<Preprocessing> {
  const [channels, height, width] = inputShape;
  const each = (value: number): number[] => Array<number>(channels).fill(value);
  return { inputShape, resize: [height, width], interpolation: "bilinear", range: 1, mean: each(0), std: each(1) };
}

const ways = ["import", "onnxruntime"] as const;

test.each(Object.entries(golden))(
  "%s: as many multiply-adds imported as run by ONNX Runtime",
  async (name, { inputShape }) => {
    const path = fileURLToPath(new URL(`${name}.onnx`, folderOfGolden));
    const counts: (number | undefined)[] = [];
    for (const runner of ways) {
      const teacher = await openTeacher(path, { engine, runner, preprocessing: plain(inputShape) });
      counts.push(await teacher.countMultiplyAdds());
      await teacher.close();
    }
    const [imported, byRuntime] = counts;
    expect(byRuntime).toBeGreaterThan(0);
    // A transposed convolution is imported as one over maps with zeros between their values, and these count.
    if (name.startsWith("generator")) expect(imported).toBeGreaterThan(byRuntime!);
    else expect(imported).toBe(byRuntime);
  },
);

test("one that ONNX Runtime alone can run is counted by the shapes of its values, and timed on one thread there", async () => {
  const path = join(folder, "colour.onnx");
  await writeFile(path, colourTeacher({ isForRuntime: true }));
  const teacher = await openTeacher(path, { engine });
  expect(teacher.runner).toBe("onnxruntime");
  const count = await teacher.countMultiplyAdds();
  const imported = join(folder, "imported.onnx");
  await writeFile(imported, colourTeacher());
  const same = await openTeacher(imported, { engine });
  expect(same.runner).toBe("import");
  expect(count).toBe(await same.countMultiplyAdds());
  const oneThread = { start: () => wasmEngine({ threads: 1 }), machine: "here" };
  const networks = [teacher.toTime, same.toTime];
  const timed = await measureLatency({ networks, oneThread, seconds: 10 });
  for (const [i, runner] of ["ONNX Runtime", "wasm"].entries()) {
    const { latency, untimed = [] } = timed[i]!;
    expect(latency.length + untimed.length).toBe(2);
    for (const each of latency) expect(each).toMatchObject({ runner, milliseconds: expect.any(Number) });
    for (const { reason } of untimed) expect(reason).toMatch(/interrupted|interruption/);
  }
  await writeFile(path, colourTeacher({ isForRuntime: true, factor: 5 }));
  const [other] = await measureLatency({ networks: [teacher.toTime], oneThread, seconds: 1 });
  expect(other).toMatchObject({ latency: [], untimed: [{ reason: expect.stringContaining("another file") }, {}] });
  await teacher.close();
  await same.close();
});

test("where operators may multiply in a way that is not known, there is no number", async () => {
  const path = join(folder, "einsum.onnx");
  const file = onnxFile({
    nodes: [
      ["Flatten", ["x"], ["flat"]],
      ["Einsum", ["flat", "weight"], ["y"], { equation: "nc,ck->nk" }],
    ],
    constants: { weight: { dims: [12, 4], values: Array.from({ length: 48 }, (_, i) => i / 48) } },
    inputs: { x: ["n", 3, 2, 2] },
  });
  await writeFile(path, file);
  const teacher = await openTeacher(path, { engine, preprocessing: plain([3, 2, 2]) });
  expect(await teacher.countMultiplyAdds()).toBeUndefined();
  await teacher.close();
});
