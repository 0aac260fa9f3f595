/** @file `auto`: the wasm engine, or WebGPU where there is a GPU that makes a step in less time. */
import type { Engine } from "./contract.ts";
import type { EngineEntry, StartOptions } from "./entry.ts";
import type { Measured } from "./fastest.ts";
import { findGpu } from "./webgpu/adapter.ts";

/** Starts one of these. Throws as they do. */
export async function startAuto(
  { wasm, webgpu }: Readonly<Record<"wasm" | "webgpu", EngineEntry>>,
  options: StartOptions,
): Promise<Engine> {
  const { threads, step, onChoice } = options;
  const tell = (engine: Engine, reason: string, measured?: readonly Measured[]): Engine => {
    const { name, description } = engine;
    onChoice?.({ engine: name, reason, description, measured });
    return engine;
  };
  const found = await findGpu();
  const lacking = "lacking" in found ? found.lacking : found.isSoftware ? `${found.name} is no GPU` : undefined;
  if (lacking !== undefined) return tell(await wasm.start(options), lacking);
  const start = ({ start }: EngineEntry) => start({ threads });
  const candidates = [
    { name: "wasm", start: () => start(wasm) },
    { name: "webgpu", start: () => start(webgpu) },
  ];
  const { fastest, timesInWords } = await import("./fastest.ts");
  const { engine, measured } = await fastest(candidates, step?.());
  return tell(engine, timesInWords(measured), measured);
}
