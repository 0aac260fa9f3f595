/** @file Students as TFLite files, as a format. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { normaliser } from "../../data/loader.ts";
import type { Quantisation } from "../../engine/int8/network.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { ShippedDescription } from "../description.ts";
import { exportTflite } from "../export-tflite.ts";
import type { Format } from "../format.ts";
import { endsOf } from "../tflite/ends.ts";
import { openLiteRt } from "./litert.ts";

const FILE = "model.tflite";

const usage = `With LiteRT (TensorFlow Lite), on phones and small devices. The input is one image, [1, height, width, channels], normalised as below; the
output is a logit of each class, whose softmax is their probabilities. Both are float32. In a file of \`int8-only\` both are int8: a
number v is given as v / scale + zero point of the input, rounded, from -128 to 127, and a q of the output stands for scale · (q - zero point).

\`\`\`kotlin
val model = CompiledModel.create(context.assets, "${FILE}", CompiledModel.Options(Accelerator.CPU))
val inputs = model.createInputBuffers()
val outputs = model.createOutputBuffers()
inputs[0].writeFloat(image)
model.run(inputs, outputs)
val logits = outputs[0].readFloat()
\`\`\`

The metadata of the file hold the normalisation and the names of the classes, \`labels.txt\`, which is also at its end as a ZIP: \`unzip ${FILE}\`.`;

export const tflite: Format = {
  async make(network, description, { precision, calibration }) {
    const stored = calibration
      ? ({ int8: precision === "int8" ? "rimmed" : "whole", calibration } as const)
      : precision === "float16"
        ? precision
        : "float32";
    return new Map([[FILE, exportTflite(network, description, stored)]]);
  },
  async open(folder, description) {
    const bytes = await readFile(join(folder, FILE));
    const model = await openLiteRt(bytes);
    const { input, output } = endsOf(bytes);
    const ready = channelsLast(description);
    const size = sizeOf(description.inputShape);
    const images = input ? new Int8Array(size) : new Float32Array(size);
    return {
      runner: "LiteRT (@litertjs/core)",
      async logits([image]) {
        ready(image!, images, input);
        const result = await model.run(new Uint8Array(images.buffer));
        if (!output) return new Float32Array(result.buffer);
        return Float32Array.from(new Int8Array(result.buffer), (q) => output.scale * (q - output.zero));
      },
      close: () => model.close(),
    };
  },
  usage,
};

/** What writes the numbers of an image's bytes [C, H, W] with channels last, quantised where the model takes int8. */
function channelsLast({
  inputShape,
  normalisation,
}: ShippedDescription): (
  image: Uint8Array,
  numbers: Float32Array | Int8Array,
  quantisation: Quantisation | undefined,
) => void {
  const table = normaliser({ shape: inputShape, ...normalisation });
  const [channels, height, width] = inputShape;
  const plane = height * width;
  return (image, numbers, quantisation) => {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < plane; i++) {
        const value = table[256 * c + image[c * plane + i]!]!;
        numbers[i * channels + c] = quantisation ? quantised(value, quantisation) : value;
      }
    }
  };
}

function quantised(value: number, { scale, zero }: Quantisation): number {
  return Math.max(-128, Math.min(127, Math.round(value / scale) + zero));
}
