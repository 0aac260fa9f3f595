/** @file onnxruntime-node, which is installed by who wants it. */
import { LimbeckError, reasonOf } from "../../errors.ts";
import type { OnnxRuntime } from "../runtime.ts";

/** The package. Throws UNSUPPORTED where it is not installed, with what it is needed for. */
export async function loadRuntime(path: string, notImported: string | undefined): Promise<OnnxRuntime> {
  // NOTE: a name that no compiler resolves, since the package need not be there.
  const name: string = "onnxruntime-node";
  try {
    const loaded = (await import(name)) as { readonly default?: OnnxRuntime } & OnnxRuntime;
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${path} has to be run by ONNX Runtime${notImported === undefined ? "" : ` (${notImported})`}, which cannot be loaded: ` +
        `${reasonOf(cause).split("\n")[0]}; install it: npm i onnxruntime-node`,
      { cause },
    );
  }
}
