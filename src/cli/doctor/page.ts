/** @file A diagnosis as a page for the terminal. */
import { bytes, count, milliseconds } from "../../report/index.ts";
import { stdoutColumns, style, wrapped } from "../output.ts";
import type { Diagnosis, TimedEngine } from "./diagnosis.ts";

/** Name and value. */
type Line = readonly [string, string];

export function doctorPage(found: Diagnosis): string {
  const { advice } = found;
  return [
    section("This machine", machineLines(found)),
    section("Engine wasm", wasmLines(found)),
    section("Engine webgpu", gpuLines(found)),
    section("Speed", speedLines(found)),
    section("Data", dataLines(found)),
    section("In a page", browserNeeds),
    advice.length > 0
      ? [heading("Advice"), ...advice.map((line) => wrapped(`  ${line}`, 2))].join("\n")
      : "Nothing is missing: no setting would make it faster here.",
  ].join("\n\n");
}

function machineLines({ limbeck, runtime, v8, machine, processors, load, memory }: Diagnosis): Line[] {
  const busy = load > 0 ? `; load ${load.toFixed(1)} over the last minute` : "";
  return [
    ["Limbeck", limbeck],
    ["Runtime", `${runtime}, V8 ${v8}`],
    ["Machine", machine],
    ["Threads", `${processors} at once${busy}`],
    ["Memory", `${bytes(memory.total)}, ${bytes(memory.available)} of it available`],
  ];
}

function wasmLines({ engine, choice }: Diagnosis): Line[] {
  return [
    ["Engine", engine],
    ...choice.tried.map(({ tile, wide, gigaflops }): Line => {
      const block = `${tile.rows}x${tile.vectors * 4} block, ${wide ? 256 : 128}-bit`;
      const speed = gigaflops === 0 ? "wrong results" : `${gigaflops.toFixed(0)} GFLOP/s a thread`;
      return ["Kernel", `${block}: ${speed}${tile === choice.tile ? ", in use" : ""}`];
    }),
  ];
}

function gpuLines({ webgpu, hasPackage }: Diagnosis): Line[] {
  const node: Line = ["Package", hasPackage ? "webgpu is installed" : "webgpu is not installed (npm install webgpu)"];
  if ("lacking" in webgpu) return [["GPU", `none: ${webgpu.lacking}`], node];
  const { name, driver, isSoftware, limits, features } = webgpu;
  const { maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage: most } = limits;
  const { maxComputeInvocationsPerWorkgroup: invocations, maxComputeWorkgroupStorageSize: shared } = limits;
  const told = features.filter((feature) => computing.has(feature));
  return [
    ["GPU", `${name}${isSoftware ? " (software: the processor computes)" : ""}`],
    ...(driver === "" ? [] : [["Driver", driver] as const]),
    ["Buffers", `${bytes(maxStorageBufferBindingSize)} at most, ${most} in a shader`],
    ["Groups", `${invocations} invocations, ${bytes(shared)} of shared memory`],
    ["Features", told.join(", ") || "none that has to do with computing"],
    node,
  ];
}

/** Features that have to do with computing. */
const computing: ReadonlySet<string> = new Set(["shader-f16", "subgroups", "subgroup-size-control", "timestamp-query"]);

function speedLines({ speeds, auto }: Diagnosis): Line[] {
  const chosen = style("bold", auto.engine, process.stdout);
  return [...speeds.map((timed): Line => [timed.engine, speedOf(timed)]), ["auto", `takes ${chosen}: ${auto.reason}`]];
}

function speedOf({ product, step, problem = "" }: TimedEngine): string {
  if (!product || !step) return problem;
  const gigaflops = product.gigaflops < 10 ? product.gigaflops.toFixed(2) : count(Math.round(product.gigaflops));
  const { images, milliseconds: time } = step;
  const rate = `${count(Math.round((1000 * images) / time))} images a second`;
  return `${gigaflops} GFLOP/s in a product; LightNN's step ${milliseconds(time)} ms, ${rate}`;
}

function dataLines({ data: { cache, downloaded } }: Diagnosis): Line[] {
  return [
    ["shapes", "drawn when needed"],
    ...Object.entries(downloaded).map(([name, path]): Line => [name, path ?? "not here; downloaded when needed"]),
    ["Cache", cache],
  ];
}

const browserNeeds: readonly Line[] = [
  ["wasm", "128-bit vectors: Chrome 91, Firefox 89, Safari 16.4 or later"],
  [
    "Threads",
    "headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp; else one thread",
  ],
  ["webgpu", "navigator.gpu, which pages from https or localhost have where browser and driver do"],
];

function section(title: string, lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  const shown = lines.map(([name, value]) => {
    // Wrapped as it is seen, then dimmed.
    const line = wrapped(`  ${name.padEnd(width)}  ${value}`, width + 4, stdoutColumns());
    return `  ${style("dim", name.padEnd(width), process.stdout)}${line.slice(2 + width)}`;
  });
  return [heading(title), ...shown].join("\n");
}

function heading(text: string): string {
  return style("bold", text, process.stdout);
}
