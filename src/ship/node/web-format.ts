/** @file Students for the web, as a format. */
import { elementAt } from "../../elements.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LimbeckError } from "../../errors.ts";
import type { ImageShape } from "../../models/index.ts";
import { torchRandom } from "../../random/index.ts";
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
    const weights = await readFile(join(folder, "weights.bin"));
    const plain = await load({ wasm: readFile(join(folder, "student.wasm")), weights });
    // As student.js chooses where it fetches.
    const other = relaxed && WebAssembly.validate(relaxed) ? await loadRelaxed(load, relaxed, weights) : undefined;
    if (other) checkSame(other, plain, inputShape);
    const student = other ?? plain;
    const [channels, height, width] = inputShape;
    const logits = async (images: readonly Uint8Array[]): Promise<Float32Array> =>
      student.logits({ data: rgba(elementAt(images, 0), channels, height * width), width, height });
    const runner = relaxed && !other ? "student.js, without relaxed SIMD" : "student.js";
    return { runner, logits, close: async () => {} };
  },
  usage,
};

function floats(precision: string): "float32" | "float16" {
  return precision === "float16" ? "float16" : "float32";
}

/** `undefined` where relaxed SIMD is wrong. */
async function loadRelaxed(
  load: typeof StudentScript.load,
  wasm: Uint8Array,
  weights: Uint8Array,
): Promise<StudentScript.Student | undefined> {
  return load({ wasm, weights }).catch((error: Error & { readonly code?: string }) => {
    if (error.code === "UNSUPPORTED") return undefined;
    throw error;
  });
}

/** How many images of noise both modules are given. */
const NOISE = 8;

/** Throws EXPORT unless both give the same bits. */
function checkSame(a: StudentScript.Student, b: StudentScript.Student, [, height, width]: ImageShape): void {
  const size = 4 * height * width;
  const noise = Uint8Array.from(torchRandom(0).uniform(NOISE * size, 0, 256));
  for (let at = 0; at < noise.length; at += size) {
    const image = { data: noise.subarray(at, at + size), width, height };
    const logits = a.logits(image);
    if (b.logits(image).every((value, i) => Object.is(value, logits[i]))) continue;
    throw new LimbeckError(
      "EXPORT",
      "the modules for machines with relaxed SIMD and for those without it give other logits; nothing was exported: please report this",
    );
  }
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
