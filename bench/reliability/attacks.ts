/** @file All attacks by name, each with the number of tries of the long form. */
import type { Attack } from "./attack.ts";
import { commandLines } from "./arguments.ts";
import { calls } from "./calls.ts";
import { configs } from "./configs.ts";
import { downloads } from "./downloads.ts";
import { engines } from "./engines.ts";
import { graphs } from "./graphs.ts";
import { onnxFiles } from "./onnx.ts";
import { onnxValues } from "./onnx-values.ts";
import { pairs } from "./pairs.ts";
import { folders } from "./folders.ts";
import { kills } from "./kills.ts";
import { readers } from "./readers.ts";
import { starts } from "./starts.ts";
import { trainings } from "./trainings.ts";
import { views } from "./views.ts";

export interface AttackEntry {
  readonly title: string;
  readonly count: number;
  readonly run: Attack;
}

export const attacks: Readonly<Record<string, AttackEntry>> = {
  arguments: { title: "random command lines", count: 3_000, run: commandLines },
  calls: { title: "public functions, called with wrong arguments", count: 100_000, run: calls },
  configs: { title: "files of settings with pieces changed", count: 30_000, run: configs },
  engines: { title: "engines of several callers, closed and broken at any moment", count: 1_000, run: engines },
  graphs: { title: "random graphs on the wasm engine, values, gradients and states", count: 20_000, run: graphs },
  downloads: { title: "downloads from servers that fail", count: 2_000, run: downloads },
  onnx: { title: "ONNX files, damaged, hostile and odd", count: 300_000, run: onnxFiles },
  "onnx-values": { title: "odd ONNX graphs, beside ONNX Runtime", count: 20_000, run: onnxValues },
  pairs: { title: "random networks, methods and places to compare", count: 5_000, run: pairs },
  folders: {
    title: "run folders with one thing changed, gone on with, reported and evaluated",
    count: 200,
    run: folders,
  },
  kills: { title: "trainings killed and gone on with: tutorial, ft, ab, crd, dml, crld", count: 125, run: kills },
  readers: { title: "damaged and hostile files, every reader", count: 1_000_000, run: readers },
  starts: { title: "engines started while their memory grows", count: 2_000, run: starts },
  trainings: { title: "odd numbers, data and networks in training", count: 20_000, run: trainings },
  views: { title: "strong views of random images", count: 20_000, run: views },
};
