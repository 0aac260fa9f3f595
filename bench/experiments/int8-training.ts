/**
 * @file What training for int8 gains: `node bench/experiments/int8-training.ts`, about two minutes.
 *
 * A small network of depthwise convolutions without norms learns 2,000 pictures of `shapes` in 12 epochs. Then each channel is multiplied by a
 * number, 2 to the power of a normal deviate times `spread`, and divided by it where it is read: the same function, but the channels of a layer no longer
 * fit one range, as Nagel et al. 2019 (https://arxiv.org/abs/1906.04721) found in MobileNetV2. Six more epochs follow, without and with `quantize`.
 * Accuracy on 2,000 test pictures, in float32 and in int8 for the web (127 steps), rounded floats in place of whole numbers.
 */
import { mean, standardDeviation } from "../../src/benchmark/index.ts";
import { table } from "../../src/cli/output.ts";
import { shapes } from "../../src/data/shapes.ts";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import { createTrainer } from "../../src/experiment/trainer.ts";
import { fold } from "../../src/inference/fold.ts";
import { readNetwork, type ReadNetwork } from "../../src/model-file/index.ts";
import type { Model } from "../../src/models/index.ts";
import { adaptiveAvgPool2d, conv2d, flatten, linear, relu, sequential, type Module } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { calibrate } from "../../src/ship/calibrate.ts";
import { layersOf } from "../../src/inference/layers.ts";
import { evaluate } from "../../src/train/evaluate/evaluate.ts";
import type { TrainedRanges } from "../../src/train/quantise/ranges.ts";
import { rangesOf, roundedModel } from "../../src/train/quantise/rounding.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/index.ts";

const seeds = [1, 2, 3, 4, 5];
const dataset = shapes({ train: 2000, test: 2000 });
const TOP = 127;

const lines: string[][] = [];
for (const spread of [0, 1, 2]) {
  const found = await Promise.all(seeds.map((seed) => one(seed, spread)));
  const shown = (of: (each: (typeof found)[number]) => number): string => {
    const samples = found.map(of);
    return `${mean(samples).toFixed(2)} ± ${standardDeviation(samples)!.toFixed(2)}`;
  };
  lines.push([
    String(spread),
    shown(({ plain }) => plain.float32),
    shown(({ plain }) => plain.calibrated),
    shown(({ quantised }) => quantised.learnt!),
    shown(({ quantised }) => quantised.calibrated),
    shown(({ plain, quantised }) => quantised.learnt! - plain.calibrated),
  ]);
}
const head = ["spread", "float32", "int8, calibrated", "trained for int8", "that, calibrated", "gain"];
process.stdout.write(`${table(head, lines)}\n\nn = ${seeds.length} seeds, mean ± deviation.\n`);

async function one(seed: number, spread: number): Promise<Record<"plain" | "quantised", Accuracies>> {
  const engine = await wasmEngine({ threads: 1 });
  const trainer = await createTrainer({ dataset, engine, seed, learningRate: 0.003 });
  const start = spreadOut(await trainer.save(await trainer.train(network(), { epochs: 12 })), seed, spread);
  const further = { weights: start, epochs: 6, learningRate: 0.002 };
  const plain = await trainer.save(await trainer.train(network(), further));
  const forInt8 = { ...further, quantize: "int8", quantizeEpochs: 6 } as const;
  const quantised = await trainer.save(await trainer.train(network(), forInt8));
  const found = { plain: await accuracies(engine, plain), quantised: await accuracies(engine, quantised) };
  await engine.close();
  return found;
}

function network(): Model {
  const separable = (from: number, to: number, stride: number): Module[] => [
    conv2d(from, from, 3, { padding: 1, stride, groups: from }),
    relu(),
    conv2d(from, to, 1),
    relu(),
  ];
  const layers = [
    conv2d(3, 8, 3, { padding: 1, stride: 2 }),
    relu(),
    ...separable(8, 16, 1),
    ...separable(16, 16, 2),
    ...separable(16, 32, 2),
    adaptiveAvgPool2d(1),
    flatten(),
    linear(32, 10),
  ];
  return { name: "separable", module: sequential(layers), inputShape: [3, 32, 32], classes: 10 };
}

/** The same function with other sizes of channels. */
function spreadOut(file: Uint8Array, seed: number, spread: number): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = readSafetensors(file, "file");
  const random = torchRandom(seed);
  const weights = [...tensors.keys()].filter((name) => name.endsWith("weight"));
  for (const [i, name] of weights.entries()) {
    const [own, bias] = [tensors.get(name)!, tensors.get(name.replace("weight", "bias"))!];
    const reader = tensors.get(weights[i + 1] ?? "");
    if (!reader) break;
    const channels = own.shape[0]!;
    const factors = random.normal(channels, 0, spread).map((power) => 2 ** power);
    const isDepthwise = reader.shape.length === 4 && reader.shape[1] === 1;
    const inner = reader.values.length / channels / (isDepthwise ? 1 : reader.shape[0]!);
    for (let at = 0; at < own.values.length; at++)
      own.values[at]! *= factors[Math.floor((at * channels) / own.values.length)]!;
    for (let at = 0; at < channels; at++) bias.values[at]! *= factors[at]!;
    for (let at = 0; at < reader.values.length; at++) reader.values[at]! /= factors[Math.floor(at / inner) % channels]!;
  }
  return writeSafetensors(tensors, metadata);
}

interface Accuracies {
  readonly float32: number;
  readonly calibrated: number;
  /** By ranges that were learnt. */
  readonly learnt: number | undefined;
}

async function accuracies(engine: WasmEngine, file: Uint8Array): Promise<Accuracies> {
  const read = await readNetwork(file, { into: network() });
  const { model, values } = read;
  const seen = await calibratedRanges(engine, read);
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const of = async (model: Model): Promise<number> =>
    (await evaluate({ engine, model, dataset, split: dataset.test })).accuracy;
  const int8 = model.description?.int8;
  return {
    float32: await of(model),
    calibrated: await of(roundedModel(model, seen)),
    learnt: int8 && (await of(roundedModel(model, int8))),
  };
}

/** What calibration sees, at the places that training has ranges for. */
async function calibratedRanges(engine: WasmEngine, network: ReadNetwork): Promise<TrainedRanges> {
  const { model } = network;
  const { ranges } = await calibrate(network, { engine, dataset });
  const { layers, ranged } = layersOf(fold(network).model);
  const own = ranges.filter((_, i) => ranged[layers[i]!.range] === layers[i]);
  const places = rangesOf(model, TOP).places.map(({ place }) => place);
  return { top: TOP, ranges: places.map((place, i) => ({ place, least: own[i]!.least, most: own[i]!.most })) };
}
