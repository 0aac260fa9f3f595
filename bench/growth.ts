/** @file `node bench/growth.ts`: how a training step's time grows with the batch, the images' side and the threads, beside PyTorch's. */
import { Command } from "commander";
import { interleave, limbeckContender, median, type Contender, type Measured } from "../src/benchmark/index.ts";
import { printFailure } from "../src/cli/failure.ts";
import { read } from "../src/cli/options.ts";
import { whole } from "../src/experiment/settings/values.ts";
import { table } from "../src/cli/output.ts";
import { environment } from "../src/experiment/node/environment.ts";
import type { Environment } from "../src/experiment/index.ts";
import type { ModelName } from "../src/models/index.ts";
import { milliseconds } from "../src/report/format.ts";
import { onMeasurement, onProgress } from "./progress.ts";
import { startTorch, type Torch, type TorchNetwork } from "./pytorch/process.ts";
import { checkRecordName, commit, writeRecord } from "./record.ts";

/** A step of one size. */
interface Point {
  readonly batchSize: number;
  readonly side: number;
  readonly threads: number;
}

const networks = [
  { title: "ResNet-20", model: "resnet20", torch: "resnet20" },
  { title: "LightNN", model: "LightNN", torch: "light" },
] as const satisfies readonly { title: string; model: ModelName; torch: TorchNetwork }[];

/** One thing grows at a time. NOTE: sides with 32 images, because 128 of 128x128 take a residual network beyond 4 GiB. */
const points: readonly Point[] = [
  ...[32, 64, 128, 256, 512].map((batchSize) => ({ batchSize, side: 32, threads: 2 })),
  { batchSize: 128, side: 32, threads: 1 },
  ...[64, 128].map((side) => ({ batchSize: 32, side, threads: 2 })),
];

/** A point that was measured. */
interface Grown extends Point {
  readonly network: string;
  /** Limbeck, and PyTorch channels last, if it is installed. */
  readonly contenders: readonly Measured[];
}

/** `bench/records/NAME.json` of this benchmark. */
interface GrowthRecord {
  readonly commit: string;
  readonly environment: Environment;
  readonly pytorch: string | undefined;
  readonly configuration: { readonly repeats: number };
  readonly points: readonly Grown[];
}

interface Options {
  readonly networks: readonly string[];
  readonly repeats: number;
  readonly record?: string;
}

await new Command("node bench/growth.ts")
  .description("Times training steps of growing size, Limbeck and PyTorch (channels last) in turn: five minutes.")
  .option("--networks <names...>", `some of ${networks.map(({ model }) => model).join(", ")} (default: all)`, [])
  .option("--repeats <n>", "samples of each figure; fewer than 7 are a glance", read(whole(1)), 7)
  .option("--record <name>", "also write it to bench/records/<name>.json")
  .action(grow)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function grow({ networks: wanted, repeats, record: file }: Options): Promise<void> {
  if (file !== undefined) checkRecordName(file);
  const chosen = networks.filter(({ model }) => wanted.length === 0 || wanted.includes(model));
  const all = chosen.flatMap((network) => points.map((point) => ({ ...network, ...point })));
  const torches = new Map<number, Torch | undefined>();
  const torchOf = async (threads: number): Promise<Torch | undefined> => {
    if (!torches.has(threads)) torches.set(threads, await startTorch(threads));
    return torches.get(threads);
  };
  const grown: Grown[] = [];
  try {
    for (const [i, { title, model, torch: network, ...point }] of all.entries()) {
      const { batchSize, side, threads } = point;
      const size = `${batchSize} images of ${side}x${side}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
      let samples = 0;
      const onSample = (): void => onMeasurement(`[${i + 1}/${all.length}] ${title}, ${size}`, samples++);
      onSample();
      const torch = await torchOf(threads);
      const work = { kind: "train", model, method: "ce", teacher: model, batchSize, side } as const;
      const contenders: Contender[] = [await limbeckContender(work, { threads })];
      try {
        if (torch) {
          const request = { network, work: "train", batchSize, side, channelsLast: true };
          contenders.push(torch.contender("PyTorch, channels last", request));
        }
        grown.push({ network: title, ...point, contenders: await interleave(contenders, { repeats, onSample }) });
      } finally {
        for (const contender of contenders) await contender.close();
      }
    }
    const versions = [...torches.values()].map((torch) => torch?.version);
    const record: GrowthRecord = {
      commit: await commit(),
      environment: environment("wasm"),
      pytorch: versions[0],
      configuration: { repeats },
      points: grown,
    };
    onProgress("");
    process.stdout.write(`${show(record)}\n`);
    if (file !== undefined) process.stderr.write(`Written: ${await writeRecord(file, record)}\n`);
  } finally {
    for (const torch of torches.values()) torch?.close();
  }
}

function show({ points, environment, pytorch, configuration, commit }: GrowthRecord): string {
  const lines = points.map(({ network, batchSize, side, threads, contenders }) => {
    const [limbeck, torch] = contenders.map(({ samples }) => median(samples)) as [number, number?];
    return [
      network,
      String(batchSize),
      String(side),
      String(threads),
      milliseconds(limbeck),
      torch === undefined ? "" : milliseconds(torch),
      torch === undefined ? "" : (limbeck / torch).toFixed(2),
      ((1000 * limbeck) / batchSize).toFixed(0),
    ];
  });
  const heads = ["Network", "Images", "Side", "Threads", "Limbeck, ms", "PyTorch, ms", "Ratio", "Limbeck, µs an image"];
  const versions = [environment.runtime, ...(pytorch === undefined ? [] : [`PyTorch ${pytorch}, channels last`])];
  return [
    table(heads, lines),
    `\nMedians of ${configuration.repeats}, taken in turn. ${environment.machine}. ${versions.join(", ")}. Commit ${commit}, ${environment.date}.`,
  ].join("\n");
}
