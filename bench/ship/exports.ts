/** @file A network in every format and precision, as `limbeck export` writes it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { calibrate } from "../../src/ship/calibrate.ts";
import { recordsOf } from "../../src/ship/node/file-records.ts";
import { formats, type FormatName } from "../../src/ship/node/formats.ts";
import { totalOf } from "../../src/ship/record.ts";
import { precisions, type ExportSize, type PrecisionName } from "./record.ts";
import type { Subject } from "./subject.ts";

/** Where an export lies, in the folder of all of them. */
export function folderOf(work: string, format: FormatName, precision: PrecisionName): string {
  return join(work, `${format}-${precision}`);
}

/** Writes them into a folder each. Their sizes, the page of the web's included, the card not. */
export async function writeExports(
  { network, description, dataset, calibrateOn }: Subject,
  work: string,
): Promise<ExportSize[]> {
  // NOTE: not widened here nor elsewhere in this process: V8's switch stays on, and browsers do not have it.
  const engine = await wasmEngine({ wide: false });
  const calibration = await calibrate(network, { engine, dataset, count: calibrateOn }).finally(() => engine.close());
  const sizes: Promise<ExportSize>[] = [];
  for (const format of ["web", "onnx"] as const) {
    const { make } = await formats[format].load();
    for (const precision of precisions) {
      const numbers = { precision, ...(precision === "int8" && { calibration }) };
      const files = await make(network, description, numbers);
      const folder = folderOf(work, format, precision);
      await mkdir(folder, { recursive: true });
      await Promise.all([...files].map(([name, bytes]) => writeFile(join(folder, name), bytes)));
      sizes.push(sizeOf(files).then((size) => ({ format, precision, ...size })));
    }
  }
  return Promise.all(sizes);
}

async function sizeOf(files: ReadonlyMap<string, Uint8Array>): Promise<{ bytes: number; brotli: number }> {
  const records = await recordsOf(files);
  return { bytes: totalOf(records, "bytes"), brotli: totalOf(records, "brotli") };
}
