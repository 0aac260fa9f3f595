/** @file The table of formats that a student is exported in. */
import { elementAt } from "../../elements.ts";
import { unknownName } from "../../nearest-name.ts";
import type { FormatEntry, Precision } from "../format.ts";

/** What every format has. */
const precisions = {
  float32: { summary: "the network's numbers", bound: 1e-4 },
  float16: { summary: "weights in half the bytes", bound: 0.05 },
  int8: {
    summary: "whole numbers of 8 bits: a quarter of the bytes, and faster",
    bound: 0.5,
    measure: "meanDifference",
    isCalibrated: true,
  },
} as const satisfies FormatEntry["precisions"];

/** Every format by name, the default first. */
export const formats = {
  web: {
    summary: "a folder for pages, workers and servers: WebAssembly, weights and a small script, without a runtime",
    precisions,
    batches: [1],
    load: async () => (await import("./web-format.ts")).web,
  },
  onnx: {
    summary: "an ONNX file for ONNX Runtime and what else reads such, on servers, desktops and phones",
    precisions,
    batches: [1, 32],
    load: async () => (await import("./onnx-format.ts")).onnx,
  },
  transformers: {
    summary:
      "a repository of the Hugging Face hub that transformers.js opens, in Node and on pages; pictures of any size",
    precisions: {
      all: {
        summary: "a file in each of the three",
        bound: precisions.float32.bound,
        isCalibrated: true,
        of: ["float32", "float16", "int8"],
      },
      ...precisions,
    },
    batches: [1],
    isRepository: true,
    load: async () => (await import("./transformers-format.ts")).transformers,
  },
  tflite: {
    summary: "a TFLite file for LiteRT, on phones and small devices",
    precisions: {
      ...precisions,
      "int8-only": { ...precisions.int8, summary: "the same, with images and logits of 8 bits as well" },
    },
    batches: [1],
    roundsLogits: true,
    load: async () => (await import("./tflite-format.ts")).tflite,
  },
} as const satisfies Record<string, FormatEntry>;

export type FormatName = keyof typeof formats;
export const formatNames = Object.keys(formats) as [FormatName, ...FormatName[]];

/** Throws UNKNOWN_NAME with the nearest one. */
export function formatNamed(name: string): FormatEntry {
  if (!Object.hasOwn(formats, name)) unknownName("format", name, formatNames);
  return formats[name as FormatName];
}

/** The format's first. */
export function defaultPrecision({ precisions }: FormatEntry): string {
  return elementAt(Object.keys(precisions), 0);
}

/** Throws UNKNOWN_NAME for a precision that the format does not have. */
export function precisionNamed({ precisions }: FormatEntry, name: string): Precision {
  const precision = Object.hasOwn(precisions, name) ? precisions[name] : undefined;
  return precision ?? unknownName("precision of this format", name, Object.keys(precisions));
}
