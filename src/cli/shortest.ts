/** @file A configuration without what it says in vain. */
import { isDeepStrictEqual } from "node:util";
import { parseConfig, type Command, type Config } from "../experiment/config.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Settings that others take their defaults from: tried last, in this order. */
const decisive = ["schedule", "optimiser", "epochs", "dataset", "recipe"];

/** The fewest of a configuration's settings that still mean all of it; those that `keep` names stay. */
export function shortest<C extends Command>(command: C, config: Config<C>, keep: readonly string[] = []): Settings {
  const isSame = (settings: Settings): boolean => {
    try {
      return isDeepStrictEqual(parseConfig(command, settings), config);
    } catch {
      return false;
    }
  };
  const plain = Object.keys(config).filter((name) => !decisive.includes(name));
  const order = [...plain, ...decisive].filter((name) => !keep.includes(name) && Object.hasOwn(config, name));
  return fewest(config, order, isSame);
}

/** Leaves out keys one after another, or what their values hold, as long as the rest means the same. */
function fewest(settings: Settings, order: readonly string[], isSame: (settings: Settings) => boolean): Settings {
  let left = settings;
  for (const name of order) {
    const { [name]: value, ...others } = left;
    if (isSame(others)) left = others;
    else if (isSettings(value)) {
      const around = left;
      const inner = fewest(value, Object.keys(value), (fewer) => isSame({ ...around, [name]: fewer }));
      left = { ...left, [name]: inner };
    }
  }
  return left;
}

function isSettings(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
