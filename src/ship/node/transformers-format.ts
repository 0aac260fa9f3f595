/** @file Students as repositories that transformers.js opens, as a format. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../../onnx/node/index.ts";
import { classNamesOf, type ShippedDescription } from "../description.ts";
import { exportOnnx, type OnnxPrecision } from "../export-onnx.ts";
import type { Format } from "../format.ts";
import { PIXEL_VALUES } from "../exported-network.ts";

/** What transformers.js calls a precision, and how it ends its file's name. https://huggingface.co/docs/transformers.js/guides/dtypes */
const dtypes = {
  float32: { dtype: "fp32", suffix: "" },
  float16: { dtype: "fp16", suffix: "_fp16" },
  int8: { dtype: "q8", suffix: "_quantized" },
} as const satisfies Record<OnnxPrecision, { readonly dtype: string; readonly suffix: string }>;

const usage = `With transformers.js, version 4, in Node and on pages. The file resizes, crops and normalises pictures by itself, as they were in training, so
\`preprocessor_config.json\` leaves them as they are.

\`\`\`js
import { pipeline } from "@huggingface/transformers";

const classify = await pipeline("image-classification", "ORG/NAME"); // or the folder's path
const [best] = await classify("picture.jpg"); // an address, a path, a Blob, a canvas
console.log(best.label, best.score);
\`\`\`

Classify pictures of different sizes one by one: in a list they need one size.`;

export const transformers: Format = {
  async make(network, description, { precision, calibration }) {
    const all = precision === "all" ? (Object.keys(dtypes) as OnnxPrecision[]) : [precision as OnnxPrecision];
    const files = new Map(
      all.map((each) => [
        fileOf(each),
        exportOnnx(network, { precision: each, description, takes: "pictures", ...(calibration && { calibration }) }),
      ]),
    );
    return new Map([
      ["config.json", json(configOf(description, all))],
      ["preprocessor_config.json", json(preprocessor)],
      ...files,
    ]);
  },
  async open(folder, { inputShape }, precision = "float32") {
    const file = fileOf(precision as OnnxPrecision);
    const { InferenceSession, Tensor } = await loadRuntime(file, undefined);
    const bytes = await readFile(join(folder, file));
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const [channels, height, width] = inputShape;
    return {
      runner: "onnxruntime-node",
      async logits(images) {
        const pictures = new Float32Array(images.length * 3 * height * width);
        for (const [n, image] of images.entries()) {
          for (let at = n * 3 * height * width, copy = 0; copy < 3; copy += channels, at += image.length)
            pictures.set(image, at);
        }
        const tensor = new Tensor("float32", pictures, [images.length, 3, height, width]);
        return (await session.run({ [PIXEL_VALUES]: tensor }))["logits"]!.data as Float32Array;
      },
      close: () => session.release(),
    };
  },
  usage,
};

function fileOf(precision: OnnxPrecision): string {
  return `onnx/model${dtypes[precision].suffix}.onnx`;
}

/** NOTE: transformers.js knows how to run an architecture, not which layers it has: any classifier of one input goes by this name. */
function configOf(description: ShippedDescription, precisions: readonly OnnxPrecision[]): object {
  const labels = classNamesOf(description);
  const [only, ...others] = precisions;
  return {
    model_type: "resnet",
    architectures: ["ResNetForImageClassification"],
    id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    // Else it takes fp32 in Node and q8 on pages, and of those there is one.
    ...(only && others.length === 0 && { "transformers.js_config": { dtype: dtypes[only].dtype } }),
  };
}

const preprocessor = {
  image_processor_type: "ViTFeatureExtractor",
  do_resize: false,
  do_rescale: false,
  do_normalize: false,
};

function json(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}
