/** @file A page that trains when asked: `limbeck.trainLightNN(threads)`, failures as their name, code and message. */
import { LimbeckError } from "../../../src/index.ts";
import { trainLightNN, type Trained } from "../training.ts";

/** How a training ended. */
export type Ending =
  | { readonly trained: Trained }
  | { readonly failed: { readonly isLimbeckError: boolean; readonly code?: string; readonly message: string } };

/** What tests call, as the global `limbeck`. */
export interface Limbeck {
  trainLightNN(threads: number): Promise<Ending>;
}

const limbeck: Limbeck = {
  async trainLightNN(threads) {
    try {
      return { trained: await trainLightNN(threads) };
    } catch (error) {
      const code = error instanceof LimbeckError ? { code: error.code } : {};
      return { failed: { isLimbeckError: error instanceof LimbeckError, ...code, message: String(error) } };
    }
  },
};

Object.assign(globalThis, { limbeck });
