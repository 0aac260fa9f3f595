/**
 * @file `bench/gpu.sh` runs it: the WebGPU engine on this machine's GPU, a large product beside the GPU's peak, training steps in Node and in
 * Chromium beside PyTorch's on CUDA.
 */
import { Command } from "commander";
import { interleave, limbeckContender, median, type Contender, type Measured } from "../../src/benchmark/index.ts";
import { printFailure } from "../../src/cli/failure.ts";
import { read } from "../../src/cli/options.ts";
import { positive, whole } from "../../src/experiment/settings/values.ts";
import { table } from "../../src/cli/output.ts";
import { startEngine } from "../../src/engine/engines.ts";
import type { Environment } from "../../src/experiment/index.ts";
import { environment } from "../../src/experiment/node/environment.ts";
import type { ModelName } from "../../src/models/index.ts";
import { milliseconds } from "../../src/report/format.ts";
import type { Site } from "../../test/browser/site.ts";
import { browserPath, openBrowser } from "../../test/cli/browser.ts";
import { buildBenchSite, inBrowser } from "../limbeck/variants.ts";
import { onMeasurement } from "../progress.ts";
import { startTorch, type Torch, type TorchNetwork } from "../pytorch/process.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";
import { peakOf } from "./peaks.ts";
import { timeProducts } from "./product.ts";

const networks = [
  { title: "DeepNN", model: "DeepNN", torch: "deep", side: 32 },
  { title: "LightNN", model: "LightNN", torch: "light", side: 32 },
  { title: "ResNet-20", model: "resnet20", torch: "resnet20", side: 32 },
  { title: "ResNet-18, 64 px", model: "resnet18", torch: "resnet18", side: 64 },
] as const satisfies readonly { title: string; model: ModelName; torch: TorchNetwork; side: number }[];

const names = ["Limbeck, Node", "Limbeck, Chromium", "PyTorch"] as const;

/** A browser that may use the GPU, and offers it to pages on Linux too. */
const flags = ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--ignore-gpu-blocklist"];

interface Step {
  readonly network: string;
  /** What computed, by contender: a browser may have fallen back to the processor. */
  readonly engines: Readonly<Record<string, string | undefined>>;
  readonly contenders: readonly Measured[];
}

/** `bench/records/NAME.json` of this benchmark. */
interface GpuRecord {
  readonly commit: string;
  readonly environment: Environment;
  /** And the GPU that it computes on; `undefined` where there is none. */
  readonly pytorch: string | undefined;
  readonly configuration: { readonly batchSize: number; readonly repeats: number };
  /** Of the tests that gpu.sh ran before. */
  readonly conformance: { readonly passed: number; readonly failed: number } | undefined;
  readonly product: {
    readonly size: number;
    /** Milliseconds. */
    readonly samples: readonly number[];
    /** TFLOP/s: reached, by the median, and what the GPU has at most. */
    readonly reached: number;
    readonly peak: number | undefined;
  };
  readonly steps: readonly Step[];
}

interface Options {
  readonly networks: readonly string[];
  readonly size: number;
  readonly batchSize: number;
  readonly repeats: number;
  readonly peak?: number;
  readonly python?: string;
  readonly passed?: number;
  readonly failed?: number;
  readonly record?: string;
}

await new Command("node bench/webgpu/gpu.ts")
  .description("Measures the WebGPU engine on this machine's GPU: ten minutes.")
  .option("--networks <names...>", `some of ${networks.map(({ model }) => model).join(", ")} (default: all)`, [])
  .option("--size <n>", "rows and columns of the product's matrices", read(whole(16)), 4096)
  .option("--batch-size <n>", "images a step", read(whole(1)), 128)
  .option("--repeats <n>", "samples of each figure; fewer than 7 are a glance", read(whole(1)), 7)
  .option("--peak <teraflops>", "the GPU's peak in float32 (default: that of its name, if it is known)", read(positive))
  .option("--python <path>", "a Python whose PyTorch has CUDA, to compare with")
  .option("--passed <n>", "tests that passed before, for the record", read(whole(0)))
  .option("--failed <n>", "and tests that failed", read(whole(0)))
  .option("--record <name>", "also write it to bench/records/<name>.json")
  .action(measure)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function measure(options: Options): Promise<void> {
  const { batchSize, repeats, passed, failed, record: file } = options;
  if (file !== undefined) checkRecordName(file);
  const torch =
    options.python === undefined ? undefined : await startTorch(1, { command: options.python, device: "cuda" });
  const site = browserPath ? await buildBenchSite() : undefined;
  try {
    const { description, product } = await measureProduct(options);
    const chosen = networks.filter(({ model }) => options.networks.length === 0 || options.networks.includes(model));
    const steps: Step[] = [];
    for (const network of chosen) steps.push(await measureStep(network, { site, torch, batchSize, repeats }));
    const record: GpuRecord = {
      commit: await commit(),
      environment: environment(description),
      pytorch: torch?.version,
      configuration: { batchSize, repeats },
      conformance: passed === undefined || failed === undefined ? undefined : { passed, failed },
      product,
      steps,
    };
    process.stdout.write(`${show(record)}\n`);
    if (file !== undefined) process.stderr.write(`Written: ${await writeRecord(file, record)}\n`);
  } finally {
    torch?.close();
    await site?.remove();
  }
}

async function measureProduct({
  size,
  repeats,
  peak: given,
}: Options): Promise<{ readonly description: string; readonly product: GpuRecord["product"] }> {
  onMeasurement(`A product of ${size}×${size} matrices`, 0);
  const engine = await startEngine("webgpu");
  const { description } = engine;
  const samples = await timeProducts(engine, { size, runs: 10, repeats });
  await engine.close();
  const reached = (2 * size ** 3) / median(samples) / 1e9;
  return { description, product: { size, samples, reached, peak: given ?? peakOf(description) } };
}

interface Setting {
  readonly site: Site | undefined;
  readonly torch: Torch | undefined;
  readonly batchSize: number;
  readonly repeats: number;
}

async function measureStep(
  { title, model, torch: network, side }: (typeof networks)[number],
  { site, torch, batchSize, repeats }: Setting,
): Promise<Step> {
  let samples = 0;
  const onSample = (): void => onMeasurement(title, samples++);
  onSample();
  const work = { kind: "train", model, method: "ce", teacher: model, batchSize, side } as const;
  const [inNode, inChromium, inTorch] = names;
  const contenders: Contender[] = [await limbeckContender(work, { name: inNode, engine: "webgpu" })];
  try {
    if (site) {
      const browser = await openBrowser(flags, { gpu: true });
      contenders.push(await inBrowser(browser, site, work, { name: inChromium, engine: "webgpu" }));
    }
    if (torch)
      contenders.push(torch.contender(inTorch, { network, work: "train", batchSize, side, channelsLast: true }));
    return {
      network: title,
      engines: Object.fromEntries(contenders.map(({ name, engine }) => [name, engine])),
      contenders: await interleave(contenders, { repeats, onSample }),
    };
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

function show({ commit, environment, pytorch, configuration, conformance, product, steps }: GpuRecord): string {
  const lines = steps.map(({ network, contenders }) => {
    const times = new Map(contenders.map(({ name, samples }) => [name, median(samples)]));
    const [node = Number.NaN, chromium, torch] = names.map((name) => times.get(name));
    const ratio = (a: number | undefined, b: number | undefined): string =>
      a === undefined || b === undefined ? "" : (a / b).toFixed(2);
    const time = (value: number | undefined): string => (value === undefined ? "" : milliseconds(value));
    return [network, time(node), time(chromium), time(torch), ratio(node, torch), ratio(chromium, node)];
  });
  const heads = ["Network", "Node, ms", "Chromium, ms", "PyTorch, ms", "Node / PyTorch", "Chromium / Node"];
  const { size, reached, peak } = product;
  const share =
    peak === undefined
      ? "its peak is not known: give it with --peak"
      : `${((100 * reached) / peak).toFixed(0)} % of ${peak}`;
  return [
    environment.engine,
    `A product of ${size}×${size} matrices: ${reached.toPrecision(3)} TFLOP/s, ${share}.`,
    ...(conformance ? [`Conformance: ${conformance.passed} tests passed, ${conformance.failed} failed.`] : []),
    "",
    table(heads, lines),
    `\nTraining steps of ${configuration.batchSize} images, medians of ${configuration.repeats}, taken in turn; PyTorch ${pytorch ?? "with CUDA was not there"}. ` +
      `${environment.machine}. ${environment.runtime}. Commit ${commit}, ${environment.date}.`,
    ...new Set(steps.flatMap(({ engines }) => (engines[names[1]] ? [`Chromium: ${engines[names[1]]}`] : []))),
  ].join("\n");
}
