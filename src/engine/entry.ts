/** @file What the table of engines holds, and what it takes to start one of them. */
import type { Graph } from "../tensor/graph.ts";
import type { Engine } from "./contract.ts";
import type { Measured } from "./fastest.ts";

/** What every engine takes; one without threads passes over their number. */
export interface EngineOptions {
  readonly threads?: number | undefined;
}

/** A row of the table. */
export interface EngineEntry {
  readonly summary: string;
  /** Starts one, whose states are all zeros. NOTE: imports its code only now, so that a page loads no engine that it does not use. */
  start(options: StartOptions): Promise<Engine>;
}

export interface StartOptions extends EngineOptions {
  /** What `auto` times where it has to choose; a step of two convolutions by default. */
  readonly step?: (() => Graph) | undefined;
  /** Whether so much will be computed that threads are worth timing, on `step`, where their number is not given. */
  readonly isLong?: boolean | undefined;
  /** Hears of that, in words. */
  readonly onThreads?: ((text: string) => void) | undefined;
  /** Hears what `auto` took. */
  readonly onChoice?: ((choice: EngineChoice) => void) | undefined;
}

/** What `auto` took, and why. */
export interface EngineChoice {
  /** Its name. */
  readonly engine: string;
  /** In a few words: `this machine has no GPU`. */
  readonly reason: string;
  /** The engine's own line. */
  readonly description: string;
  /** The engines that were timed, where there was a choice; the one taken first. */
  readonly measured?: readonly Measured[] | undefined;
}

/** `wasm: 2 threads, 256-bit fused multiply-add (auto: this machine has no GPU)` */
export function choiceNote({ description, reason }: EngineChoice): string {
  return `${description} (auto: ${reason})`;
}

/** For short work: notes what `auto` took only where there was a choice. */
export function tellingChoice(tell: (text: string) => void): (choice: EngineChoice) => void {
  return (choice) => {
    if (choice.measured) tell(choiceNote(choice));
  };
}
