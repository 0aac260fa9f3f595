/** @file The door of ONNX Runtime in Node. */
export { loadRuntime } from "./runtime.ts";
