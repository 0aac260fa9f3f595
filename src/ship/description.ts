/** @file What has to be known of a network that is shipped. */
import type { ModelDescription, Normalisation } from "../model-file/index.ts";

/** What the network takes and tells: all that `ModelDescription` has of it. */
export interface ShippedDescription extends Omit<ModelDescription, "architecture" | "normalisation" | "made"> {
  readonly normalisation: Normalisation;
}

/** Of each class; `class 3` where nobody named it. */
export function classNamesOf({ classes, classNames }: ShippedDescription): readonly string[] {
  return classNames ?? Array.from({ length: classes }, (_, i) => `class ${i}`);
}
