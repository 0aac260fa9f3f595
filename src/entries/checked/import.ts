/** @file The import of ONNX files as it is published. */
import { mapOf } from "../../arguments.ts";
import * as onnx from "../../onnx/index.ts";
import { checked } from "./checked.ts";
import * as is from "./kinds.ts";

export const importOnnx = checked("importOnnx", onnx.importOnnx, {
  bytes: is.bytes,
  "options?": {
    "source? name? output? layout?": is.aString,
    "external?": mapOf("bytes", is.bytes),
    "inputShape?": is.aShape,
  },
});
