/** @file Opening an ONNX file as a teacher: imported where it can be, else run by ONNX Runtime. */
import { basename } from "node:path";
import { readRegularFile } from "../../data/node/read-file.ts";
import type { Engine } from "../../engine/contract.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import {
  importOnnx,
  inputShapeOf,
  readOnnx,
  type ImportedModel,
  type Layout,
  type OnnxFile,
} from "../../onnx/index.ts";
import { unknownName } from "../../nearest-name.ts";
import { sha256Hex } from "../../sha256.ts";
import { sizeOf } from "../../tensor/index.ts";
import { readDescription, readMetadata, type Described } from "../described.ts";
import { countMultiplyAdds } from "../../nn/index.ts";
import { networkToTime, type Timeable } from "../../train/index.ts";
import { networkTeacher } from "../network-teacher.ts";
import { completePreprocessing, type PartialPreprocessing, type Preprocessing } from "../preprocessing.ts";
import { runtimeMultiplyAdds, runtimeTeacher } from "../runtime-teacher.ts";
import type { Teacher, TeacherCost } from "../teacher.ts";
import { readExternal } from "./external.ts";
import { describing, describingPlaces, onnxFile } from "./repository.ts";
import { loadRuntime } from "../../onnx/node/index.ts";

export interface OpenTeacherOptions {
  /** Holds an imported network's values. */
  readonly engine: Engine;
  /** What the file, its metadata and the files beside it do not say, or say otherwise. */
  readonly preprocessing?: PartialPreprocessing | undefined;
  /** For people; the file's by default, without its ending. */
  readonly name?: string | undefined;
  /** In the order of its logits. */
  readonly classNames?: readonly string[] | undefined;
  /** Which of the graph's values is the logits, or their softmax; its only output by default. */
  readonly output?: string | undefined;
  readonly layout?: Layout | undefined;
  /** Values inside the graph that methods may compare where ONNX Runtime runs it, first to last; an imported one has all. */
  readonly taps?: readonly string[] | undefined;
  /** By default it is imported if that can be, else run by onnxruntime-node. */
  readonly runner?: "import" | "onnxruntime" | undefined;
  /** Of ONNX Runtime; its own choice by default. */
  readonly threads?: number | undefined;
}

export interface OpenedTeacher extends Teacher, Required<TeacherCost> {
  readonly runner: "import" | "onnxruntime";
  /** Of the file. */
  readonly sha256: string;
  /** Operators at the end that were left out, since methods want logits: `Softmax`. */
  readonly leftOut: readonly string[];
  /** Why it could not be imported. */
  readonly notImported?: string | undefined;
  readonly toTime: Timeable;
  /** Of one that ONNX Runtime runs: what does a pass over so many images. */
  pass?(count: number): () => Promise<void>;
}

/**
 * The teacher that an ONNX file is, or that of a repository's folder. Its preprocessing is what options say, then the file's metadata, then
 * `preprocessor_config.json` or `config.json`, beside it or above its folder `onnx`.
 *
 * Throws as `chosenFile`; DATA_MISSING for a file that is not there, WEIGHTS for a damaged one, ARGUMENT for preprocessing that is not known, UNSUPPORTED where it can neither be
 * imported nor is onnxruntime-node installed.
 */
export async function openTeacher(fileOrFolder: string, options: OpenTeacherOptions): Promise<OpenedTeacher> {
  const path = onnxFile(fileOrFolder);
  const { runner } = options;
  if (runner !== undefined && runner !== "import" && runner !== "onnxruntime")
    unknownName("runner", runner, ["import", "onnxruntime"]);
  const bytes = await readFile(path);
  const file = readOnnx(bytes, path);
  const external = await readExternal(file, path);
  const sha256 = await sha256Hex(bytes);
  const identity = await sha256Hex(
    JSON.stringify([sha256, ...(await Promise.all([...external.values()].map(sha256Hex))), options.output ?? ""]),
  );
  const described = await descriptions(file, path);
  const { preprocessing, layout } = preprocessingOf(file, path, options, described);
  const classNames = options.classNames ?? described.find((each) => each.classNames)?.classNames;
  const name = options.name ?? basename(fileOrFolder).replace(/\.onnx$/i, "");
  const common = { source: path, name, identity, preprocessing, layout, classNames, output: options.output };
  const about = { sha256, bytes: bytes.length, parameters: parametersIn(file) };
  let notImported: string | undefined;
  if (runner !== "onnxruntime") {
    const imported = tryImport(bytes, { ...common, inputShape: preprocessing.inputShape, external }, runner);
    if (!(imported instanceof LimbeckError)) {
      for (const [tensor, values] of imported.values) await options.engine.write(tensor, values);
      const teacher = await networkTeacher({ ...common, engine: options.engine, model: imported.model });
      const { model } = imported;
      return named(path, {
        ...teacher,
        ...about,
        runner: "import",
        leftOut: imported.leftOut,
        countMultiplyAdds: async () => countMultiplyAdds(model.module, model.inputShape),
        toTime: networkToTime(options.engine, model),
      });
    }
    notImported = imported.message;
  }
  const runtime = await loadRuntime(path, notImported);
  const { threads, taps } = options;
  const sessionOptions = {
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    ...(external.size > 0 && { externalData: Array.from(external, ([location, data]) => ({ path: location, data })) }),
  };
  const teacher = await runtimeTeacher({ ...common, runtime, bytes, sessionOptions, taps });
  return named(path, {
    ...teacher,
    ...about,
    runner: "onnxruntime",
    notImported,
    // NOTE: the file is read again then, since it may be large.
    countMultiplyAdds: async () =>
      runtimeMultiplyAdds({ ...common, runtime, sessionOptions, bytes: await readFile(path) }),
    toTime: runtimeToTime(path, sha256, options),
  });
}

/** What ONNX Runtime runs, in a session of its own that has one thread, and gives logits alone. */
function runtimeToTime(path: string, sha256: string, options: OpenTeacherOptions): Timeable {
  return {
    async prepare(own) {
      const opened = await openTeacher(path, { ...options, taps: [], engine: own, runner: "onnxruntime", threads: 1 });
      if (opened.sha256 !== sha256 || !opened.pass) {
        await opened.close();
        throw new LimbeckError("CHECKSUM", `${path} is another file than the one that taught; put it back`);
      }
      const { pass } = opened;
      return { runner: "ONNX Runtime", pass: async (batch) => pass(batch), close: () => opened.close() };
    },
  };
}

/** ONNX's numbers of the types float32, float16, float64 and bfloat16. */
const floats: ReadonlySet<number> = new Set([1, 10, 11, 16]);

function parametersIn({ initializers }: OnnxFile): number {
  return [...initializers.values()].reduce((sum, { type, dims }) => sum + (floats.has(type) ? sizeOf(dims) : 0), 0);
}

/** The import, or why it is not to be had; that throws where nothing else is wanted, or the file is no right one. */
function tryImport(
  bytes: Uint8Array,
  options: Parameters<typeof importOnnx>[1],
  runner: OpenTeacherOptions["runner"],
): ImportedModel | LimbeckError {
  try {
    return importOnnx(bytes, options);
  } catch (error) {
    if (error instanceof LimbeckError && error.code === "UNSUPPORTED" && runner !== "import") return error;
    throw error;
  }
}

function preprocessingOf(
  file: OnnxFile,
  path: string,
  { preprocessing = {}, layout }: OpenTeacherOptions,
  described: readonly Described[],
): { readonly preprocessing: Preprocessing; readonly layout: Layout } {
  const sources = [preprocessing, ...described.map((each) => each.preprocessing)];
  const known = sources.find((each) => each.inputShape)?.inputShape;
  const shape = inputShapeOf(file, { inputShape: known && withChannels(file, known), layout });
  const unread = described.flatMap((each) => each.unread ?? []);
  const complete = completePreprocessing([{ inputShape: shape.inputShape }, ...sources], path, unread);
  return { preprocessing: complete, layout: shape.layout };
}

/** NOTE: a preprocessor_config.json does not say channels; where the file does, they count. */
function withChannels(
  file: OnnxFile,
  [channels, height, width]: readonly [number, number, number],
): [number, number, number] {
  const sizes = file.inputs[0]?.dims?.slice(1) ?? [];
  return [sizes[0] === 1 || sizes[2] === 1 ? 1 : channels, height, width];
}

/** In the order in which they count. */
async function descriptions(file: OnnxFile, path: string): Promise<Described[]> {
  const found = describing.map(async (name) => {
    for (const place of describingPlaces(path, name)) {
      const bytes = await readRegularFile(place, { most: 2 ** 24 }).catch(() => undefined);
      if (bytes) return readDescription(new TextDecoder().decode(bytes), place);
    }
    return undefined;
  });
  return [readMetadata(file.metadata, path), ...(await Promise.all(found)).flatMap((each) => each ?? [])];
}

/** Throws ARGUMENT where the names are not as many as the logits. */
function named(path: string, teacher: OpenedTeacher): OpenedTeacher {
  const { classNames, classes } = teacher;
  if (!classNames || classNames.length === classes) return teacher;
  throw new LimbeckError(
    "ARGUMENT",
    `${path} gives ${classes} logits, but ${classNames.length} classes are named; say classNames, one a logit, in their order`,
  );
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path);
  } catch (cause) {
    throw new LimbeckError("DATA_MISSING", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
