/** @file The reference engine as it is published. */
import { oneOf } from "../../arguments.ts";
import * as reference from "../../engine/reference/index.ts";
import { checked } from "./checked.ts";

export const referenceEngine = checked("referenceEngine", reference.referenceEngine, {
  "options?": { "precision?": oneOf("float32", "float64") },
});
