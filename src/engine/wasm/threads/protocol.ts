/** @file What the engine and its threads say to each other, and what starts threads: Node or a browser. */

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
      /** The level to begin with. */
      readonly first: number;
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

/** A started thread. */
export interface Thread {
  send(command: Command): void;
  /** Whether the process should stay alive for it. */
  hold(on: boolean): void;
  stop(): void | Promise<unknown>;
}

/** What a platform can do. */
export interface Platform {
  readonly name: string;
  /** Processors that may be used. */
  readonly processors: number;
  /** Whether memory can be shared between threads. */
  readonly canShare: boolean;
  /** Bytes that the system can still give this process; infinite where it does not say, or never ends one for lack of them. */
  availableMemory(): number;
  /** Bytes of addresses that this process may still take; infinite where nothing limits them. */
  addressesLeft(): number;
  /** Of these, what a thread takes. */
  readonly threadAddresses: number;
  start(onReport: (report: Report) => void, onFailure: (message: string) => void): Promise<Thread>;
  /** Calls back when all else that waits for the caller's thread by now has had its turn; in the order of the calls. */
  nextTurn(next: () => void): void;
  /** Compiles; `wide` with 256-bit vectors and fast soon, where the platform has such switches. They stay set. */
  compile(bytes: Uint8Array<ArrayBuffer>, wide: boolean): Promise<WebAssembly.Module>;
  /** Whether `wide` can have an effect. */
  readonly canWiden: boolean;
}
