/** @file What the engine and its threads say to each other. */

/** A program as a thread runs it. */
export interface Task {
  /** Export of the module. */
  readonly name: string;
  readonly tasks: number;
}

/** Kernels that may run side by side, level after level. */
export type Schedule = readonly (readonly Task[])[];

/** Of a run, int32: the next free task, how many threads are through, and, where levels are timed, whether it has begun. */
export const countersPerLevel = 3;

/** To a thread. `memoryBytes` is how long the memory was when the command was given: all of it has to be seen to obey. */
export type Command =
  | { readonly kind: "start"; readonly memory: WebAssembly.Memory; readonly index: number; readonly threads: number }
  | {
      readonly kind: "load";
      readonly program: number;
      readonly module: WebAssembly.Module;
      readonly schedule: Schedule;
      readonly scratch: number;
      readonly memoryBytes: number;
    }
  | {
      readonly kind: "run";
      readonly program: number;
      /** Their address. All are 0. */
      readonly counters: number;
      readonly profile: boolean;
      readonly memoryBytes: number;
    }
  | { readonly kind: "unload"; readonly program: number };

/** From a thread; `times` are milliseconds of each level. */
export type Report =
  | { readonly kind: "loaded"; readonly program: number }
  | { readonly kind: "done"; readonly program: number; readonly times: readonly number[] }
  | { readonly kind: "failed"; readonly message: string };
