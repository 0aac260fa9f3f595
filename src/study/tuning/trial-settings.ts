/** @file A run's settings with drawn values in them, and for fewer epochs. */
import type { Draw } from "./draw.ts";

type Settings = Readonly<Record<string, unknown>>;

const OPTION = "options.";

/** The settings with these values in place of their own. */
export function withDraw(settings: Settings, { learningRate, weightDecay, ...others }: Draw): Settings {
  const options = Object.entries(others).map(([name, value]) => [optionName(name), value] as const);
  return {
    ...settings,
    ...(learningRate !== undefined && { learningRate }),
    ...(weightDecay !== undefined && { optimiserOptions: { ...asObject(settings["optimiserOptions"]), weightDecay } }),
    ...(options.length > 0 && { options: { ...asObject(settings["options"]), ...Object.fromEntries(options) } }),
  };
}

/** `temperature` of `options.temperature`. */
export function optionName(name: string): string {
  return name.startsWith(OPTION) ? name.slice(OPTION.length) : name;
}

/**
 * The settings for some epochs out of `full`: what they count in epochs or steps shrinks in proportion, as do the options `inEpochs`. What a recipe
 * derives from the number of epochs follows by itself.
 */
export function shortened(settings: Settings, inEpochs: Draw, epochs: number, full: number): Settings {
  if (epochs === full) return settings;
  const share = epochs / full;
  const atLeastOne = (count: number): number => Math.max(1, Math.round(count * share));
  const { warmUp, freeze, quantizeEpochs, scheduleOptions } = settings as {
    readonly warmUp?: number;
    readonly freeze?: readonly { readonly afterEpochs: number }[];
    readonly quantizeEpochs?: number;
    readonly scheduleOptions?: Settings;
  };
  const options = Object.entries(inEpochs).map(([name, count]) => [name, atLeastOne(count)] as const);
  return withDraw(
    {
      ...settings,
      epochs,
      ...(warmUp !== undefined && { warmUp: warmUp * share }),
      ...(freeze && { freeze: freeze.map((each) => ({ ...each, afterEpochs: Math.round(each.afterEpochs * share) })) }),
      ...(quantizeEpochs !== undefined && { quantizeEpochs: Math.min(atLeastOne(quantizeEpochs), Math.ceil(epochs)) }),
      ...(scheduleOptions && { scheduleOptions: shortenedSchedule(scheduleOptions, share, atLeastOne) }),
    },
    Object.fromEntries(options),
  );
}

function shortenedSchedule(options: Settings, share: number, atLeastOne: (count: number) => number): Settings {
  const { milestones, at, unit } = options as {
    readonly milestones?: readonly number[];
    readonly at?: readonly number[];
    readonly unit?: string;
  };
  return {
    ...options,
    ...(milestones && { milestones: milestones.map(atLeastOne) }),
    ...(at && (unit === "epochs" || unit === "steps") && { at: at.map((place) => place * share) }),
  };
}

function asObject(value: unknown): Settings {
  return typeof value === "object" && value !== null ? (value as Settings) : {};
}
