/** @file What a TFLite file says of a student: how pictures become its images, and its classes in a file of labels at its end. https://ai.google.dev/edge/litert/conversion/tensorflow/metadata */
import { strToU8, zipSync } from "fflate";
import { classNamesOf, type ShippedDescription } from "../description.ts";
import { PIXEL_VALUES, LOGITS } from "../exported-network.ts";
import { flatbuffer, row, type TableSchema } from "./flatbuffer.ts";

/** What of the schema of metadata (version 1) exports have. */
const tables = {
  ModelMetadata: {
    name: "string",
    description: "string",
    version: "string",
    subgraph_metadata: "tables",
    author: "string",
    license: "string",
    associated_files: "tables",
    min_parser_version: "string",
  },
  SubGraphMetadata: {
    name: "string",
    description: "string",
    input_tensor_metadata: "tables",
    output_tensor_metadata: "tables",
  },
  TensorMetadata: {
    name: "string",
    description: "string",
    dimension_names: "strings",
    content: "table",
    process_units: "tables",
    stats: "table",
    associated_files: "tables",
  },
  Content: { content_properties_type: "ubyte", content_properties: "table", range: "table" },
  ImageProperties: { color_space: "byte", default_size: "table" },
  ImageSize: { width: "uint", height: "uint" },
  FeatureProperties: {},
  ProcessUnit: { options_type: "ubyte", options: "table" },
  NormalizationOptions: { mean: "floats", std: "floats" },
  AssociatedFile: { name: "string", description: "string", type: "byte", locale: "string" },
} as const satisfies Record<string, TableSchema>;

/** Places in unions and enumerations. */
const [FEATURES, IMAGE, NORMALISATION, AXIS_LABELS, RGB, GREY] = [1, 2, 1, 2, 1, 2];

/** The file's name in the ZIP. */
const LABELS = "labels.txt";

/** The FlatBuffer `TFLITE_METADATA`. Means and deviations are of levels from 0 to 255. */
export function metadataOf(description: ShippedDescription): Uint8Array {
  const { name, inputShape, normalisation } = description;
  const [channels, height, width] = inputShape;
  const levels = (numbers: readonly number[]): Float32Array => Float32Array.from(numbers, (each) => 255 * each);
  const size = row(tables.ImageSize, { width, height });
  const colours = channels === 1 ? GREY : channels === 3 ? RGB : 0;
  const images = row(tables.TensorMetadata, {
    name: PIXEL_VALUES,
    description: "An image, resized and cropped; each level becomes (level - mean) / deviation of its channel.",
    content: row(tables.Content, {
      content_properties_type: IMAGE,
      content_properties: row(tables.ImageProperties, { color_space: colours, default_size: size }),
    }),
    process_units: [
      row(tables.ProcessUnit, {
        options_type: NORMALISATION,
        options: row(tables.NormalizationOptions, {
          mean: levels(normalisation.mean),
          std: levels(normalisation.std),
        }),
      }),
    ],
  });
  const logits = row(tables.TensorMetadata, {
    name: LOGITS,
    description: "The logit of each class; their softmax is the classes' probabilities.",
    content: row(tables.Content, {
      content_properties_type: FEATURES,
      content_properties: row(tables.FeatureProperties, {}),
    }),
    associated_files: [
      row(tables.AssociatedFile, { name: LABELS, description: "The names of the classes.", type: AXIS_LABELS }),
    ],
  });
  const root = row(tables.ModelMetadata, {
    name,
    description: `A classifier of ${description.classes} classes, exported by Limbeck.`,
    subgraph_metadata: [
      row(tables.SubGraphMetadata, { input_tensor_metadata: [images], output_tensor_metadata: [logits] }),
    ],
    min_parser_version: "1.0.0",
  });
  return flatbuffer(root, "M001");
}

/** Where a ZIP's list of files says where the first lies, and its end where the list lies. */
const [FILE_AT, LIST_AT] = [42, 16];
const END_SIZE = 22;

/** The model, and at its end a ZIP with the classes' names, one a line, as Android's tools read it. */
export function withLabels(model: Uint8Array, description: ShippedDescription): Uint8Array<ArrayBuffer> {
  const lines = classNamesOf(description).map((name) => name.replaceAll(/\s+/g, " "));
  const zip = zipSync({ [LABELS]: [strToU8(`${lines.join("\n")}\n`), { level: 0, mtime: new Date(1980, 0, 1) }] });
  // NOTE: readers count places from the beginning of the whole file.
  const view = new DataView(zip.buffer, zip.byteOffset);
  const end = zip.length - END_SIZE;
  const list = view.getUint32(end + LIST_AT, true);
  view.setUint32(list + FILE_AT, model.length, true);
  view.setUint32(end + LIST_AT, list + model.length, true);
  const whole = new Uint8Array(model.length + zip.length);
  whole.set(model);
  whole.set(zip, model.length);
  return whole;
}
