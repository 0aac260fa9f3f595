/** @file Students for the web, as a format. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as StudentScript from "../web/files/student.d.ts";
import { quantise } from "../quantise.ts";
import type { Format } from "../format.ts";
import { integerWebStudent, webStudent } from "./web-folder.ts";

const usage = `On a page or in a worker, from any static server; \`index.html\` is one. Of a Content-Security-Policy it needs
\`script-src 'self' 'wasm-unsafe-eval'\`.

\`\`\`js
import { load } from "./student.js";

const { classify } = await load();
const [best] = classify(canvas); // or ImageData, an ImageBitmap, an image, a video
console.log(best.name, best.probability);
\`\`\`

In Node or at an edge, where files are not fetched from beside a script:

\`\`\`js
const { classify } = await load({ wasm: await readFile("student.wasm"), weights: await readFile("weights.bin") });
const [best] = classify({ data, width, height }); // RGBA bytes
\`\`\``;

export const web: Format = {
  async make(network, description, { precision, calibration }) {
    if (!calibration) return (await webStudent(network, description, floats(precision))).files;
    return (await integerWebStudent(quantise(network, calibration, { top: 127 }), description)).files;
  },
  async open(folder, { inputShape }) {
    const { load } = (await import(pathToFileURL(join(folder, "student.js")).href)) as typeof StudentScript;
    const relaxed = await readFile(join(folder, "student.relaxed.wasm")).catch(() => undefined);
    const student = await load({
      // As student.js chooses where it fetches.
      wasm: relaxed && WebAssembly.validate(relaxed) ? relaxed : readFile(join(folder, "student.wasm")),
      weights: readFile(join(folder, "weights.bin")),
    });
    const [channels, height, width] = inputShape;
    const logits = async ([image]: readonly Uint8Array[]): Promise<Float32Array> =>
      student.logits({ data: rgba(image!, channels, height * width), width, height });
    return { runner: "student.js", logits, close: async () => {} };
  },
  usage,
};

function floats(precision: string): "float32" | "float16" {
  return precision === "float16" ? "float16" : "float32";
}

/** Planes as a canvas has them. */
function rgba(planes: Uint8Array, channels: number, size: number): Uint8Array {
  const pixels = new Uint8Array(4 * size).fill(255);
  for (let c = 0; c < 3; c++) {
    const plane = planes.subarray((c % channels) * size);
    for (let i = 0; i < size; i++) pixels[4 * i + c] = plane[i]!;
  }
  return pixels;
}
