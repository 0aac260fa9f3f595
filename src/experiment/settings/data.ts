/** @file What is trained on, and what computes. */
import * as z from "zod/mini";
import { defaultEngine, engineNames, engineRequests } from "../../engine/engines.ts";
import type { Settings } from "./setting.ts";
import { path, whole } from "./values.ts";

const group = "Data and engine";

/** The names of engines, and the default, for help. */
export const anEngineName = `${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(Object.keys(engineRequests))} (default: ${defaultEngine})`;

export const dataSettings = {
  dataset: {
    schema: z._default(z.string(), "shapes"),
    group,
    help: "name of the data set, shapes, cifar10 or cifar100, or the path of pictures (a folder, table, Parquet file or tar shard) or of a module",
    flags: [],
    words: (name: string) => [name],
  },
  dataDir: {
    schema: z.optional(z.string().check(z.minLength(1))),
    group,
    help: "folder with the binary files of cifar10 or cifar100, instead of downloading them once",
    flags: [{ usage: "--data-dir <dir>", parse: path }],
    isPath: true,
  },
  limit: {
    schema: z.optional(z.int().check(z.positive())),
    group,
    help: "use only n training and n test images: the first, or, where images are ordered by class, as many of each",
    flags: [{ usage: "--limit <n>", parse: whole(1) }],
  },
  engine: {
    schema: z._default(z.enum(["auto", ...engineNames]), defaultEngine),
    group,
    help: `the engine that computes: ${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(Object.keys(engineRequests))}`,
    flags: [{ usage: "--engine <name>" }],
    names: { kind: "engine", table: engineRequests },
  },
  threads: {
    schema: z.optional(z.int().check(z.positive(), z.lte(256))),
    group,
    help: "threads of the wasm engine; any number gives the same bits",
    byDefault: "all cores; for long trainings, all or half of them, by timing",
    flags: [{ usage: "--threads <n>", parse: whole(1, 256) }],
    // They change no result.
    words: () => [],
    isResumable: true,
  },
  latency: {
    schema: z._default(z.boolean(), true),
    group,
    help: "time the networks when they are trained, on one thread, for a few seconds each",
    flags: [{ usage: "--no-latency", value: false, help: "leave out how long the networks take" }],
    isResumable: true,
  },
  modules: {
    schema: z.optional(z.record(z.string(), z.string().check(z.regex(/^[\da-f]{64}$/, "expected a SHA-256")))),
    group,
    help: "SHA-256 of the modules that give models, methods or the data set, by their paths; written by Limbeck, not to be given",
    // The paths stand where they are used; what they hold can only be had again, not given.
    flags: [],
  },
} as const satisfies Settings;
