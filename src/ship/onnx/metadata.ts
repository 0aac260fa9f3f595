/** @file What a file's metadata say of a student: how pictures become its images, and its classes, as `openTeacher` reads them. */
import type { ModelDescription } from "../../model-file/index.ts";
import type { ImageShape } from "../../models/index.ts";

/** Of a model's description, what whoever uses the file has to know. */
export type OnnxDescription = Pick<ModelDescription, "classNames" | "normalisation" | "preparation">;

/** `preprocessing` and `classes` as JSON; what is not known is left out. */
export function metadataOf(inputShape: ImageShape, description: OnnxDescription = {}): Record<string, string> {
  const { classNames, normalisation, preparation } = description;
  const [, height] = inputShape;
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
