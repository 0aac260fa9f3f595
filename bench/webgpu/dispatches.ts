/**
 * @file `node bench/webgpu/dispatches.ts`: what a training step costs besides the GPU's arithmetic: its dispatches, the bytes that they
 * touch, pipelines and the processor's time to compile them on SwiftShader, and the host's time for a step.
 */
import { Command } from "commander";
import { create } from "webgpu";
import { printFailure } from "../../src/cli/failure.ts";
import { table } from "../../src/cli/output.ts";
import { webGpuEngine } from "../../src/engine/webgpu/index.ts";
import type { Environment } from "../../src/experiment/index.ts";
import { environment } from "../../src/experiment/node/environment.ts";
import type { ModelName } from "../../src/models/index.ts";
import { analyse, type Graph } from "../../src/tensor/index.ts";
import { gpuOfSwiftShader, whyNoWebGpu } from "../../test/engines/swiftshader.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";
import { costOf, stepGraph, type StepCost } from "./step.ts";

/** Networks, and at most how many dispatches a step should be. */
const networks = { LightNN: 40, DeepNN: 55, resnet20: 250, MobileNetV2: 700 } as const satisfies Partial<
  Record<ModelName, number>
>;
type Network = keyof typeof networks;

const batchSize = 128;
const hostSteps = 50;
/** Dawn without a driver: it checks and encodes what it is given, and computes nothing. NOTE: kept, as the package asks. */
const idleGpu = create(["backend=null"]) as unknown as GPU;

interface NetworkCost extends StepCost {
  readonly network: Network;
  readonly goal: number;
  /** The host's, of one step: the least of `hostSteps`. */
  readonly hostMilliseconds: number;
  /** The processor's time, its threads together, that compiling took with SwiftShader as the driver; `undefined` where it is not there. */
  readonly compileSeconds: number | undefined;
}

/** `bench/records/NAME.json` of this benchmark. */
interface DispatchesRecord {
  readonly commit: string;
  readonly environment: Environment;
  readonly configuration: { readonly batchSize: number; readonly hostSteps: number };
  readonly networks: readonly NetworkCost[];
}

interface Options {
  readonly record?: string;
}

await new Command("node bench/webgpu/dispatches.ts")
  .description("Counts a training step's dispatches, bytes and pipelines, of 128 images: a minute or two.")
  .option("--record <name>", "also write it to bench/records/<name>.json")
  .action(count)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function count({ record: file }: Options): Promise<void> {
  if (file !== undefined) checkRecordName(file);
  const costs: NetworkCost[] = [];
  for (const network of Object.keys(networks) as Network[]) {
    const graph = stepGraph(network, batchSize);
    costs.push({
      network,
      goal: networks[network],
      ...costOf(graph),
      hostMilliseconds: await hostTime(graph),
      compileSeconds: await compileTime(graph),
    });
  }
  const record: DispatchesRecord = {
    commit: await commit(),
    environment: environment("webgpu"),
    configuration: { batchSize, hostSteps },
    networks: costs,
  };
  process.stdout.write(`${show(record)}\n`);
  if (file !== undefined) process.stderr.write(`Written: ${await writeRecord(file, record)}\n`);
}

/** Milliseconds of the fastest step where the GPU takes none. */
async function hostTime(graph: Graph): Promise<number> {
  const engine = await webGpuEngine({ gpu: idleGpu });
  const program = await engine.compile(graph);
  const inputs = Object.fromEntries(
    Array.from(analyse(graph).inputs, ([name, { size, dtype }]) => [
      name,
      dtype === "int32" ? new Int32Array(size) : new Float32Array(size),
    ]),
  );
  let fastest = Infinity;
  for (let step = 0; step < hostSteps; step++) {
    const started = performance.now();
    await program.run(inputs);
    fastest = Math.min(fastest, performance.now() - started);
  }
  await engine.close();
  return fastest;
}

/** Seconds from a graph to a program. */
async function compileTime(graph: Graph): Promise<number | undefined> {
  if (whyNoWebGpu !== undefined) return undefined;
  const engine = await webGpuEngine({ gpu: await gpuOfSwiftShader() });
  const started = process.cpuUsage();
  await engine.compile(graph);
  const { user, system } = process.cpuUsage(started);
  await engine.close();
  return (user + system) / 1e6;
}

function show({ networks, environment, commit, configuration: { batchSize, hostSteps } }: DispatchesRecord): string {
  const heads = [
    "Network",
    "Dispatches",
    "Goal",
    "MB touched",
    "kB given",
    "Pipelines",
    "Compiling, CPU s",
    "Host, ms",
  ];
  const lines = networks.map((cost) => [
    cost.network,
    `${cost.dispatches}`,
    `${cost.goal}`,
    (cost.bytes / 1e6).toFixed(0),
    (cost.given / 1e3).toFixed(0),
    `${cost.pipelines}`,
    cost.compileSeconds?.toFixed(1) ?? "",
    cost.hostMilliseconds.toFixed(2),
  ]);
  return [
    table(heads, lines),
    `\nSteps of ${batchSize} images. Compiling with SwiftShader; the host's time is the least of ${hostSteps} steps with Dawn's null backend, which computes nothing. ` +
      `${environment.machine}. ${environment.runtime}. Commit ${commit}, ${environment.date}.`,
  ].join("\n");
}
