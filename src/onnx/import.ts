/** @file An ONNX classifier as a network of Limbeck's: it runs without another runtime, and every value of its graph is open to methods. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { formatShape, input, permute, topologicalOrder, type Tensor } from "../tensor/index.ts";
import type { Classifier } from "./classifier.ts";
import { FIRST, isSamePlace } from "./image-axis.ts";
import { inputShapeOf, type ImportShape } from "./input-shape.ts";
import { readOnnx } from "./model-proto.ts";
import { outputOf } from "./order.ts";
import { placesOf } from "./places.ts";
import { embeddingPath, networkOf } from "./network.ts";
import { programOf, type Program } from "./program.ts";
import { MOST_ELEMENTS, recordGraph, type Recorded } from "./record.ts";
import type { ExternalFiles } from "./tensor-proto.ts";

export interface ImportOptions extends ImportShape {
  /** Names the file in messages. */
  readonly source?: string;
  /** The name of the model; the file's without its ending, if not said. */
  readonly name?: string;
  /** Which of the graph's values are the logits, or their softmax; its only output, if not said. */
  readonly output?: string | undefined;
  /** The bytes of the files that hold the constants' numbers, by their location. */
  readonly external?: ExternalFiles;
}

/** A network, and what is to be known of the file that it was made of. */
export interface ImportedModel {
  /** Its values by path are the graph's by name. In training mode too its norms go by the file's statistics. */
  readonly model: Model;
  /** The value of every parameter and buffer, to be written to an engine. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  /** Operators at the end that were left out, since methods want logits: `Softmax`. */
  readonly leftOut: readonly string[];
}

/** How many images the graph is tried with: more than files are written for. */
const TRIED_BATCH = 3;

/**
 * The network of an ONNX file: of convolutions, norms, activations, pools, linear layers, attention, arithmetic and what changes shapes. A batch
 * size that is fixed in the file does not matter.
 *
 * Throws WEIGHTS for a damaged file, UNSUPPORTED for operators and graphs that cannot be imported, ARGUMENT where the file leaves something open that options have to say.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const { source = "the ONNX file", external = new Map(), name = nameOf(source) } = options;
  const file = readOnnx(bytes, source);
  const output = outputOf(file, options.output);
  const { value, inputShape, layout } = inputShapeOf(file, options);
  const program = programOf(file, value, output, external);
  const arranged = (x: Tensor): Tensor => (layout === "NHWC" ? permute(x, [0, 2, 3, 1]) : x);
  const tried = recordGraph(program, arranged(input("images", [TRIED_BATCH, ...inputShape])), undefined);
  // What is in between nodes' results counts too: x with an uneven border around it, say.
  const largest = topologicalOrder([tried.logits]).reduce((most, { size }) => Math.max(most, size), 0) / TRIED_BATCH;
  if (largest > MOST_ELEMENTS) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${source}: it makes ${largest} numbers of an image, more than ${MOST_ELEMENTS}; its borders are out of all proportion`,
    );
  }
  const [rows, classes, ...others] = tried.logits.shape;
  if (rows !== TRIED_BATCH || classes === undefined || classes < 2 || others.length > 0) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${source}: a classifier should give two logits or more for an image, but of ${TRIED_BATCH} images it makes ${formatShape(tried.logits.shape)}`,
    );
  }
  const classifier = layerOf(program, tried);
  const features = classifier && placesOf(program, tried, embeddingPath(classifier, tried));
  const { module, values } = networkOf(program, classifier, arranged);
  const model: Model = { name, module, inputShape, classes, features };
  return { model, values, leftOut: program.logits.leftOut };
}

/** NOTE: a 1x1 convolution of maps that are larger than one place is no linear layer. */
function layerOf({ classifier }: Program, { values }: Recorded): Classifier | undefined {
  if (!classifier) return undefined;
  const embedding = values.get(classifier.embedding);
  if (embedding?.kind !== "activation" || !isSamePlace(embedding.images, FIRST)) return undefined;
  const { size, shape } = embedding.tensor;
  return size / elementAt(shape, 0) === classifier.inputs ? classifier : undefined;
}

/** `resnet18` of `models/resnet18.onnx`. */
function nameOf(source: string): string {
  return source.replace(/^.*[\\/]/, "").replace(/\.onnx$/i, "") || "imported";
}
