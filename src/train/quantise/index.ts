/** @file The door of a training for int8. NOTE: a page whose networks stay float32 loads none of it. */
export { rangesFor, rangesOf, roundedModel } from "./rounding.ts";
