/** @file What exports are run by, on one thread: student.js, its module alone, and both packages of ONNX Runtime. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as onnxNode from "onnxruntime-node";
import * as onnxWeb from "onnxruntime-web";
import type { OnnxRuntime } from "../../src/onnx/runtime.ts";
import type { ImageShape } from "../../src/models/index.ts";
import type { StudentConstants } from "../../src/ship/web/student-file.ts";
import type { Student } from "../../src/ship/web/files/student.d.ts";
import { folderOf } from "./exports.ts";
import type { PrecisionName } from "./record.ts";
import type { ReadyImage } from "./subject.ts";

/** An export that is open. */
export interface Runner {
  logits(image: ReadyImage): Float32Array | Promise<Float32Array>;
  close(): Promise<unknown>;
}

/** Opens the export of a precision among those in the folder. */
type Open = (work: string, precision: PrecisionName, shape: ImageShape) => Promise<Runner>;

/** By name. The first takes pixels, as a page has them; the others numbers that are normalised already. */
export const runners = {
  "student.js": async (work, precision) => {
    const { student } = await openStudent(folderOf(work, "web", precision));
    return { logits: ({ pixels }) => student.logits(pixels), close };
  },
  "student.wasm alone": async (work, precision) => {
    const { exports, at } = await openStudent(folderOf(work, "web", precision));
    const numbers = new Float32Array(exports.memory.buffer);
    return {
      logits: ({ interleaved }) => {
        numbers.set(interleaved, at.input / 4);
        exports.run();
        return numbers.slice(at.output[0] / 4, at.output[0] / 4 + at.output[1]);
      },
      close,
    };
  },
  "onnxruntime-node": (work, precision, shape) =>
    openOnnx(onnxNode as OnnxRuntime, folderOf(work, "onnx", precision), shape),
  "onnxruntime-web": (work, precision, shape) => {
    onnxWeb.env.wasm.numThreads = 1;
    return openOnnx(onnxWeb as OnnxRuntime, folderOf(work, "onnx", precision), shape);
  },
} as const satisfies Record<string, Open>;

export type RunnerName = keyof typeof runners;
export const runnerNames = Object.keys(runners) as RunnerName[];

/** As packages say. */
export const runtimes = { "onnxruntime-node": onnxNode.env.versions.node, "onnxruntime-web": onnxWeb.env.versions.web };

async function close(): Promise<void> {}

async function openOnnx({ InferenceSession, Tensor }: OnnxRuntime, folder: string, shape: ImageShape): Promise<Runner> {
  const session = await InferenceSession.create(await readFile(join(folder, "model.onnx")), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return {
    async logits({ planes }) {
      const { logits } = await session.run({ pixel_values: new Tensor("float32", planes, [1, ...shape]) });
      return logits!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

interface OpenStudent {
  readonly student: Student;
  readonly exports: { readonly memory: WebAssembly.Memory; run(): void };
  readonly at: StudentConstants["modules"][number];
  readonly classes: readonly string[];
}

/** By the module that student.js would fetch. */
async function openStudent(folder: string): Promise<OpenStudent> {
  const script = (await import(pathToFileURL(join(folder, "student.js")).href)) as {
    readonly load: (files: { wasm: WebAssembly.Module; weights: Uint8Array }) => Promise<Student>;
    readonly student: StudentConstants;
  };
  const { modules, classes } = script.student;
  const [plain, relaxed] = modules;
  const second = relaxed && (await readFile(join(folder, "student.relaxed.wasm")));
  const isRelaxed = second !== undefined && WebAssembly.validate(second);
  const wasm = await WebAssembly.compile(isRelaxed ? second : await readFile(join(folder, "student.wasm")));
  const weights = await readFile(join(folder, "weights.bin"));
  const { made: student, instance } = await watched(() => script.load({ wasm, weights }));
  const exports = instance.exports as unknown as OpenStudent["exports"];
  return { student, exports, at: isRelaxed ? relaxed! : plain!, classes };
}

/** What is made, and the instance of WebAssembly that was made meanwhile: a student keeps its own to itself. */
async function watched<T>(
  make: () => Promise<T>,
): Promise<{ readonly made: T; readonly instance: WebAssembly.Instance }> {
  const { instantiate } = WebAssembly;
  let instance: WebAssembly.Instance | undefined;
  WebAssembly.instantiate = (async (module: WebAssembly.Module) => {
    instance = await instantiate(module);
    return instance;
  }) as typeof instantiate;
  try {
    const made = await make();
    if (!instance) throw new Error("student.js made no instance of WebAssembly");
    return { made, instance };
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}
