/** @file Published settings of a method, by name. */
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";

/** Where a method was published for what, and with which options. */
export interface Preset<Options> {
  /** Who published these values, and the file or section that has them. */
  readonly source: string;
  /** Those that are not the defaults; none for the preset that the defaults are. */
  readonly options: Partial<Options>;
}

/** By name. The first is what the defaults are. */
export type Presets<Options> = Readonly<Record<string, Preset<Options>>>;

/** The options of the method's preset with this name. Throws UNKNOWN_NAME, with the names there are; ARGUMENT for a method that has none. */
export function presetOptions<Options>(
  { name: method, presets = {} }: { readonly name: string; readonly presets?: Presets<Options> },
  name: string,
): Partial<Options> {
  if (Object.hasOwn(presets, name)) return presets[name]!.options;
  const known = Object.keys(presets);
  if (known.length > 0) unknownName(`preset of method ${method}`, name, known);
  throw new LimbeckError("ARGUMENT", `method ${method} has no presets; leave preset ${name} out`);
}
