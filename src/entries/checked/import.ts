/** @file The import of ONNX files as it is published. */
import { aShape, aString, bytes, each, having, mapOf, optional } from "../../arguments.ts";
import * as onnx from "../../onnx/index.ts";
import { checked } from "./checked.ts";

export const importOnnx = checked("importOnnx", onnx.importOnnx, {
  bytes,
  options: optional(
    having("an object", {
      ...each(optional(aString), "source", "name", "output", "layout"),
      external: optional(mapOf("bytes", bytes)),
      inputShape: optional(aShape),
    }),
  ),
});
