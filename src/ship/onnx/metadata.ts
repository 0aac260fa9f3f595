/** @file What a file's metadata say of a student: how pictures become its images, and its classes, as `openTeacher` reads them. */
import { LimbeckError } from "../../errors.ts";
import type { ModelDescription } from "../../model-file/index.ts";
import type { Model } from "../../models/index.ts";

/** Of a model's description, what whoever uses the file has to know. */
export type OnnxDescription = Pick<ModelDescription, "classNames" | "normalisation" | "preparation">;

/** `preprocessing` and `classes` as JSON; what is not known is left out. Throws ARGUMENT for other than as many names as classes, and numbers as channels. */
export function metadataOf(
  { name, inputShape, classes }: Pick<Model, "name" | "inputShape" | "classes">,
  { classNames, normalisation, preparation }: OnnxDescription,
): Record<string, string> {
  const [channels, height] = inputShape;
  const check = (what: string, list: readonly unknown[] | undefined, count: number): void => {
    if (!list || list.length === count) return;
    throw new LimbeckError("ARGUMENT", `exportOnnx: ${what} of ${name} should be ${count}, got ${list.length}`);
  };
  check("the names of classes", classNames, classes);
  check("the means", normalisation?.mean, channels);
  check("the deviations", normalisation?.std, channels);
  const preprocessing = {
    inputShape,
    resize: Math.max(height, preparation?.resize ?? height),
    interpolation: "bilinear",
    ...(normalisation && { range: 1, mean: normalisation.mean, std: normalisation.std, channelOrder: "RGB" }),
  };
  return {
    preprocessing: JSON.stringify(preprocessing),
    ...(classNames && { classes: JSON.stringify(classNames) }),
  };
}
