/** @file ONNX files: read, imported as networks, tapped. */
export { importOnnx, type ImportedModel, type ImportOptions } from "./import.ts";
export { inputShapeOf, type ImportShape, type InputShape, type Layout } from "./input-shape.ts";
export { readOnnx, type OnnxFile } from "./model-proto.ts";
export { tapOnnx, type TapOptions, type TappedOnnx } from "./tap.ts";
export { productsOf, type Products } from "./products.ts";
export type { OnnxRuntime, RuntimeSession, RuntimeTensor } from "./runtime.ts";
export * as protobuf from "./protobuf-writer.ts";
export { ELEMENT } from "./fields.ts";
export { type Attributes, type OnnxConstant, type OnnxGraph, type OnnxOperation, writeOnnx } from "./write.ts";
