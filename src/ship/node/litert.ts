/** @file LiteRT in Node: the WebAssembly of @litertjs/core, which is installed by who wants it. The package's own script loads it on pages only, and knows no int8. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compileFunction } from "node:vm";
import { LimbeckError } from "../../errors.ts";

/** What of the module is used: https://github.com/google-ai-edge/LiteRT/tree/main/litert/js/packages/core */
interface LiteRt {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(at: number): void;
  readonly LiteRtEnvironment: { create(gpu: null): Deletable };
  readonly LiteRtTensorBuffer: {
    createManaged(environment: unknown, kind: unknown, type: unknown, size: number): TensorBuffer;
  };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
  loadModel(environment: unknown, at: number, size: number): Model;
  compileModel(environment: unknown, model: unknown, options: object): Promise<CompiledModel> | CompiledModel;
}

interface Model extends Deletable {
  getInputTensorType(signature: 0, input: 0): Deletable;
}

interface CompiledModel extends Deletable {
  run(signature: 0, inputs: readonly TensorBuffer[]): Promise<readonly [TensorBuffer]> | readonly [TensorBuffer];
}

interface TensorBuffer extends Deletable {
  lock(mode: unknown): number;
  unlock(): void;
  packedSize(): number;
}

interface Deletable {
  delete(): void;
}

/** A model that is ready to be run on one thread. */
export interface LiteRtModel {
  /** Bytes of its input to bytes of its output. */
  run(input: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** With relaxed SIMD, and for runtimes without it. */
const scripts = ["litert_wasm_internal.js", "litert_wasm_compat_internal.js"];

/** NOTE: one for all models, since making it takes seconds. */
let loading: Promise<LiteRt> | undefined;

/** Throws UNSUPPORTED where the package is not installed, EXPORT for a file that LiteRT does not read. */
export async function openLiteRt(bytes: Uint8Array): Promise<LiteRtModel> {
  const runtime = await (loading ??= loadLiteRt());
  const { READ, WRITE } = runtime.LiteRtTensorBufferLockMode;
  const at = runtime["_malloc"](bytes.length);
  const owned: Deletable[] = [{ delete: () => runtime["_free"](at) }];
  const own = <T extends Deletable>(made: T): T => {
    owned.unshift(made);
    return made;
  };
  try {
    runtime.HEAPU8.set(bytes, at);
    const environment = own(runtime.LiteRtEnvironment.create(null));
    const model = own(runtime.loadModel(environment, at, bytes.length));
    const options = { accelerator: "wasm", cpuOptions: { numThreads: 1 } };
    const compiled = own(await runtime.compileModel(environment, model, options));
    const type = own(model.getInputTensorType(0, 0));
    const kind = runtime.LiteRtTensorBufferType.HOST_MEMORY;
    let given: TensorBuffer | undefined;
    return {
      async run(input) {
        given ??= own(runtime.LiteRtTensorBuffer.createManaged(environment, kind, type, input.length));
        runtime.HEAPU8.set(input, given.lock(WRITE));
        given.unlock();
        const [output] = await compiled.run(0, [given]);
        const from = output.lock(READ);
        const result = runtime.HEAPU8.slice(from, from + output.packedSize());
        output.unlock();
        output.delete();
        return result;
      },
      async close() {
        for (const each of owned) each.delete();
      },
    };
  } catch (cause) {
    throw new LimbeckError(
      "EXPORT",
      `LiteRT does not read the TFLite file: ${(cause as Error).message}; nothing was exported: take another format, and please report this`,
      { cause },
    );
  }
}

async function loadLiteRt(): Promise<LiteRt> {
  const require = createRequire(import.meta.url);
  try {
    const folder = join(dirname(require.resolve("@litertjs/core")), "../wasm");
    const [relaxed, plain] = scripts.map((script) => join(folder, script)) as [string, string];
    return await made(relaxed, require).catch(() => made(plain, require));
  } catch (cause) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `a TFLite file is checked by LiteRT, which cannot be loaded: ${(cause as Error).message.split("\n")[0]}; install it: npm i @litertjs/core`,
      { cause },
    );
  }
}

/** NOTE: its scripts are CommonJS in a package of modules, so that `require` refuses them. */
async function made(script: string, require: NodeJS.Require): Promise<LiteRt> {
  const code = `${await readFile(script, "utf8")}\nreturn ModuleFactory;`;
  const factory = compileFunction(code, ["require", "__filename", "__dirname"], { filename: script })(
    require,
    script,
    dirname(script),
  ) as (module: object) => Promise<LiteRt>;
  const silent = (): void => {};
  return factory({ print: silent, printErr: silent, locateFile: (name: string) => join(dirname(script), name) });
}
