/** @file What is exported: networks of the table, and the images that they are shown. */
import type { Dataset, Split } from "../../src/data/dataset.ts";
import { normaliser } from "../../src/data/loader.ts";
import { shapes } from "../../src/data/shapes.ts";
import { preparedPicture } from "../../src/images/preparation.ts";
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { createModel, models, type ImageShape, type ModelName } from "../../src/models/index.ts";
import type { ShippedDescription } from "../../src/ship/description.ts";
import type { Pixels } from "../../src/ship/web/files/student.d.ts";
import { sizeOf } from "../../src/tensor/index.ts";
import { drawn } from "../../test/inference/drawn.ts";

/** A network, and images of its size. */
export interface Subject {
  readonly name: string;
  readonly network: NetworkWithValues;
  readonly description: ShippedDescription;
  readonly dataset: Dataset;
  /** How many training images int8 learns its ranges from. */
  readonly calibrateOn: number;
}

/** An image, made ready for each kind of runner. */
export interface ReadyImage {
  /** As a canvas gives it. */
  readonly pixels: Pixels;
  /** Normalised, [channels, height, width], as ONNX files take it. */
  readonly planes: Float32Array<ArrayBuffer>;
  /** The same with its channels last, as students for the web have it in their memory. */
  readonly interleaved: Float32Array<ArrayBuffer>;
}

/** The network of drawn weights, on images of `shapes`, enlarged for those of torchvision. */
export function drawnSubject(name: ModelName): Subject {
  const network = drawn(createModel(name));
  const { inputShape } = network.model;
  const isLarge = inputShape[1] > 32;
  const dataset = enlarged(shapes({ train: 256, test: 256 }), inputShape);
  return { ...subjectOf(network, dataset), name, calibrateOn: isLarge ? 32 : 256 };
}

/** The network as it is shipped. */
export function subjectOf(network: NetworkWithValues, dataset: Dataset): Omit<Subject, "calibrateOn"> {
  const { name, inputShape, classes } = network.model;
  const { mean, std } = dataset;
  return { name, network, dataset, description: { name, inputShape, classes, normalisation: { mean, std } } };
}

/** Every name of the table whose network has an int8: whole numbers have no GELU. */
export const names = (Object.keys(models) as ModelName[]).filter((name) => !name.startsWith("airbench"));

/** So many test images, evenly spread over all of them, one after the other. */
export function* readyImages({ dataset }: Subject, count: number): Generator<ReadyImage> {
  const { test, shape } = dataset;
  const table = normaliser(dataset);
  const [channels, height, width] = shape;
  const plane = height * width;
  for (let i = 0; i < count; i++) {
    const bytes = test.image(Math.floor((i * test.count) / count));
    const data = new Uint8ClampedArray(4 * plane).fill(255);
    const planes = new Float32Array(sizeOf(shape));
    const interleaved = new Float32Array(sizeOf(shape));
    for (let c = 0; c < channels; c++) {
      for (let at = 0; at < plane; at++) {
        const byte = bytes[c * plane + at]!;
        data[4 * at + c] = byte;
        planes[c * plane + at] = interleaved[at * channels + c] = table[256 * c + byte]!;
      }
    }
    yield { pixels: { data, width, height }, planes, interleaved };
  }
}

function enlarged(dataset: Dataset, shape: ImageShape): Dataset {
  const [channels, height, width] = dataset.shape;
  if (shape[1] === height) return dataset;
  const split = ({ count, labels, image }: Split): Split => ({
    count,
    labels,
    image: (i) => preparedPicture({ channels, height, width, pixels: image(i) }, shape).pixels,
  });
  return { ...dataset, shape, train: split(dataset.train), test: split(dataset.test) };
}
