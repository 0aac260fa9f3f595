/** @file What `auto` took, in words. */
import type { EngineChoice } from "../engine/entry.ts";

/** `wasm: 2 threads, 256-bit fused multiply-add (auto: this machine has no GPU)` */
export function choiceNote({ description, reason }: EngineChoice): string {
  return `${description} (auto: ${reason})`;
}

/** For work that is short: tells what was taken where there was something to choose from. */
export function tellingChoice(tell: (text: string) => void): (choice: EngineChoice) => void {
  return (choice) => {
    if (choice.measured) tell(choiceNote(choice));
  };
}
