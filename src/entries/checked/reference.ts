/** @file The reference engine as it is published. */
import { having, oneOf, optional } from "../../arguments.ts";
import { referenceEngine as startReference } from "../../engine/reference/index.ts";
import { checked } from "./checked.ts";

export const referenceEngine = checked("referenceEngine", startReference, {
  options: optional(having("an object", { precision: optional(oneOf("float32", "float64")) })),
});
