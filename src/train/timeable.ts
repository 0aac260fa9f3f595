/** @file Networks made ready to be timed on one thread, whatever runs them. */
import type { Engine } from "../engine/contract.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { input, sizeOf } from "../tensor/index.ts";
import { observe } from "../distill/observe.ts";
import { readStates, writeStates } from "./states.ts";

/** A network that can be timed, whatever runs it. */
export interface Timeable {
  /** Made ready to run on one thread: on `own`, an engine of one, or by a runtime. */
  prepare(own: Engine): Promise<Prepared>;
}

export interface Prepared {
  /** What runs it. */
  readonly runner: string;
  /** What does a pass over so many images. */
  pass(batch: number): Promise<() => Promise<unknown>>;
  /** Gives back what `own` does not give back when it is closed. */
  close(): Promise<void>;
}

/** A network of ours, whose values `engine` holds. */
export function networkToTime(engine: Engine, model: Model): Timeable {
  return {
    async prepare(own) {
      const states = namedStates(model.module);
      await writeStates(own, states, await readStates(engine, states));
      return {
        runner: own.name,
        async pass(batch) {
          const { logits } = observe(model, input("images", [batch, ...model.inputShape]), false);
          const program = await own.compile({ outputs: { logits }, updates: [] });
          // Varied and about as large as normalised pixels: denormal numbers would be slower.
          const length = batch * sizeOf(model.inputShape);
          const images = Float32Array.from({ length }, (_, i) => ((i * 7) % 255) / 128 - 1);
          return () => program.run({ images });
        },
        close: async () => undefined,
      };
    },
  };
}

/** Several that are asked one after the other. */
export function togetherToTime(networks: readonly Timeable[]): Timeable {
  return {
    async prepare(own) {
      const all: Prepared[] = [];
      const close = async (): Promise<void> => {
        for (const each of all) await each.close();
      };
      try {
        for (const network of networks) all.push(await network.prepare(own));
      } catch (error) {
        await close();
        throw error;
      }
      return {
        runner: [...new Set(all.map(({ runner }) => runner))].join(" and "),
        async pass(batch) {
          const passes: (() => Promise<unknown>)[] = [];
          for (const each of all) passes.push(await each.pass(batch));
          return async () => {
            for (const pass of passes) await pass();
          };
        },
        close,
      };
    },
  };
}
