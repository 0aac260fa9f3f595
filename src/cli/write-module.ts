/** @file A WebAssembly module in a file, as it is or as text. */
import { writeFile } from "node:fs/promises";
import { LimbeckError } from "../errors.ts";

/**
 * Writes a module to FILE.wasm, or its text to FILE.wat, which needs the package wabt.
 *
 * Throws ARGUMENT for another ending, UNSUPPORTED without wabt, OUTPUT if the file cannot be written.
 */
export async function writeModule(file: string, make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
  if (!/\.wa(sm|t)$/.test(file))
    throw new LimbeckError(
      "ARGUMENT",
      `--emit should name a file ending in .wasm or .wat, got ${JSON.stringify(file)}`,
    );
  const toText = file.endsWith(".wat") ? await printer() : undefined;
  const module = await make();
  await writeFile(file, toText ? toText(module) : module).catch((error: unknown) => {
    throw new LimbeckError("OUTPUT", `${file} cannot be written: ${(error as Error).message}`, { cause: error });
  });
}

/** What turns a module into text, with the names of its functions. */
async function printer(): Promise<(module: Uint8Array) => string> {
  const wabt = await import("wabt").then(
    (loaded) => loaded.default(),
    (error: unknown) => {
      throw new LimbeckError(
        "UNSUPPORTED",
        "text needs the package wabt, which is not installed; install it (npm install wabt), or write a .wasm file",
        { cause: error },
      );
    },
  );
  return (module) => {
    const read = wabt.readWasm(module, { readDebugNames: true, simd: true, threads: true, relaxed_simd: true });
    read.applyNames();
    const text = read.toText({ foldExprs: true, inlineExport: false });
    read.destroy();
    return text;
  };
}
