/** @file What one waits for once: the table of times from a start to an end. */
import { compileTime } from "./compile-time.ts";
import { firstStep } from "./first-step.ts";
import { wholeShapesTutorial } from "./shapes-tutorial.ts";

export interface Duration {
  readonly title: string;
  /** Seconds, at most. */
  readonly atMost: number;
  /** How often it is measured, at most; as the rows by default. */
  readonly repeats?: number;
  /** Seconds of one time; `undefined` where it cannot be measured here. */
  measure(options: { readonly threads: number }): Promise<number | undefined>;
}

/** Every one by name. */
export const durations = {
  "first-step": { title: "From `limbeck tutorial` to its first step", atMost: 2, measure: firstStep },
  compile: { title: "Compiling ResNet-110's training step", atMost: 1, measure: compileTime },
  // NOTE: once, since it takes half a minute.
  tutorial: { title: "`npm run tutorial` to its end", atMost: 40, repeats: 1, measure: wholeShapesTutorial },
} as const satisfies Record<string, Duration>;

export type DurationName = keyof typeof durations;

/** Seconds of each time. */
export interface MeasuredDuration {
  readonly name: DurationName;
  readonly samples: readonly number[];
}

/** Measures it again and again; `undefined` where it cannot be measured here. */
export async function measureDuration(
  name: DurationName,
  { threads, repeats, onSample }: { readonly threads: number; readonly repeats: number; readonly onSample: () => void },
): Promise<MeasuredDuration | undefined> {
  const duration: Duration = durations[name];
  const samples: number[] = [];
  while (samples.length < Math.min(repeats, duration.repeats ?? repeats)) {
    const seconds = await duration.measure({ threads });
    if (seconds === undefined) return undefined;
    samples.push(seconds);
    onSample();
  }
  return { name, samples };
}
