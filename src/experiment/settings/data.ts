/** @file What is trained on, and what computes. */
import * as z from "zod/mini";
import { defaultEngine, engineNames, engineRequests } from "../../engine/engines.ts";
import type { Settings } from "./setting.ts";
import { path, whole } from "./values.ts";

/** The names of engines, and the default, for help. */
export const anEngineName = `${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(Object.keys(engineRequests))} (default: ${defaultEngine})`;

export const dataSettings = {
  dataset: {
    schema: z._default(z.string(), "shapes"),
    group: "Images",
    help: "data set (shapes, cifar10 or cifar100), path of pictures (folder, table, Parquet file or tar shard), hf:OWNER/NAME, or module",
    details: "hf: names a data set of the Hugging Face hub, hf:OWNER/NAME@revision:subset",
    flags: [],
    words: (name: string) => [name],
  },
  dataDir: {
    schema: z.optional(z.string().check(z.minLength(1))),
    group: "Images",
    help: "folder with the binary files of cifar10 or cifar100",
    byDefault: "downloaded once",
    flags: [{ usage: "--data-dir <dir>", parse: path }],
    isPath: true,
  },
  limit: {
    schema: z.optional(z.int().check(z.positive())),
    group: "Images",
    help: "use only n training and n test images",
    details: "the first n, or equally many of each class if they are ordered by class",
    flags: [{ usage: "--limit <n>", parse: whole(1), isCommon: true }],
  },
  engine: {
    schema: z._default(z.enum(["auto", ...engineNames]), defaultEngine),
    group: "Machine",
    help: `engine: ${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(Object.keys(engineRequests))}`,
    flags: [{ usage: "--engine <name>" }],
    names: { kind: "engine", table: engineRequests },
  },
  threads: {
    schema: z.optional(z.int().check(z.positive(), z.lte(256))),
    group: "Machine",
    help: "threads of the wasm engine",
    details:
      "any number gives the same bits; for long trainings, the default is the faster of all cores and half of them",
    byDefault: "all cores",
    flags: [{ usage: "--threads <n>", parse: whole(1, 256) }],
    // They change no result.
    words: () => [],
    isResumable: true,
  },
  latency: {
    schema: z._default(z.boolean(), true),
    group: "Evaluation",
    help: "measure the latency of the trained networks on one thread, a few seconds each",
    flags: [{ usage: "--no-latency", value: false, help: "skip measuring the latency of the trained networks" }],
    isResumable: true,
  },
  modules: {
    schema: z.optional(z.record(z.string(), z.string().check(z.regex(/^[\da-f]{64}$/, "expected a SHA-256")))),
    group: "Machine",
    help: "SHA-256 of the modules of models, methods and the data set, by path; Limbeck writes it, leave it out",
    // The paths stand where they are used; what they hold can only be had again, not given.
    flags: [],
  },
} as const satisfies Settings;
