/** @file How a training in the page ended, as plain data. */
import { LimbeckError, wasmEngine } from "../../../src/entries/index.ts";
import { trainLightNN, type Trained } from "../training.ts";

export type Ending =
  | { readonly trained: Trained }
  | { readonly failed: { readonly isLimbeckError: boolean; readonly code?: string; readonly message: string } };

/** Trains with so many threads. */
export async function ending(threads: number): Promise<Ending> {
  try {
    return { trained: await trainLightNN(await wasmEngine({ threads })) };
  } catch (error) {
    const code = error instanceof LimbeckError ? { code: error.code } : {};
    return { failed: { isLimbeckError: error instanceof LimbeckError, ...code, message: String(error) } };
  }
}
