/** @file What `student.js` knows of the student beside it, and the files that go together. */
import { LimbeckError } from "../../errors.ts";
import type { ModelDescription, Normalisation } from "../../model-file/index.ts";
import { sha256Hex } from "../../sha256.ts";
import { toFloat16 } from "../float16.ts";
import type { StudentModule } from "./module.ts";

/** In which numbers weights are shipped. */
export type WebPrecision = "float32" | "float16";

/** The constants at the top of `student.js`. */
export interface StudentConstants {
  readonly name: string;
  readonly classes: readonly string[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What the shorter side is resized to before the middle is cut out. */
  readonly resize: number;
  readonly background?: readonly [number, number, number];
  readonly precision: WebPrecision;
  /** Addresses of the image and of the logits; address and length of each stretch of weights. */
  readonly at: {
    readonly input: number;
    readonly output: number;
    readonly weights: readonly (readonly [address: number, length: number])[];
  };
  /** Of all the above and of the weights; the module has it too. */
  readonly id: string;
  /** Bytes and CRC-32. */
  readonly files: Readonly<Record<"student.wasm" | "weights.bin", readonly [bytes: number, crc32: number]>>;
}

/** The files that are this student's own. */
export interface StudentFiles {
  readonly constants: StudentConstants;
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly weights: Uint8Array<ArrayBuffer>;
}

/** What is known of a network that can be shipped to where pictures are. */
export type ShippedDescription = Omit<ModelDescription, "architecture" | "normalisation" | "made"> & {
  readonly normalisation: Normalisation;
};

/** Throws ARGUMENT for weights that float16 cannot hold, UNSUPPORTED for images that are not grey or in colour. */
export async function studentFiles(
  module: StudentModule,
  { name, inputShape, classes, classNames, normalisation, preparation }: ShippedDescription,
  precision: WebPrecision,
): Promise<StudentFiles> {
  const numbers = precision === "float16" ? toFloat16(module.weights) : module.weights;
  const weights = new Uint8Array(numbers.buffer);
  const [channels, height, width] = inputShape;
  if (channels !== 1 && channels !== 3) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `pictures have 1 or 3 channels, but ${name} takes ${channels}; a student for the web takes pictures: export it as onnx`,
    );
  }
  const known = {
    name,
    classes: classNames ?? Array.from({ length: classes }, (_, i) => `class ${i}`),
    channels,
    height,
    width,
    mean: normalisation.mean,
    std: normalisation.std,
    resize: Math.max(height, preparation?.resize ?? height),
    ...(preparation?.background && { background: preparation.background }),
    precision,
    at: {
      input: module.input.at,
      output: module.output.at,
      weights: module.stretches.map(({ at, length }) => [at, length] as const),
    },
  };
  const id = (await sha256Hex(JSON.stringify([known, await sha256Hex(weights)]))).slice(0, 16);
  const wasm = module.encode(id);
  const files = {
    "student.wasm": [wasm.length, crc32(wasm)],
    "weights.bin": [weights.length, crc32(weights)],
  } as const;
  return { constants: { ...known, id, files }, wasm, weights };
}

/** The template's line that the constants take the place of. */
const PLACE = "export const student = {};";

/** `student.js`: the constants, then what is the same of all students. */
export function studentScript(constants: StudentConstants, version: string, template: string): string {
  if (!template.includes(PLACE)) throw new Error(`the template of student.js has no ${PLACE}`);
  const lines = Object.entries(constants).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  const heading = `// ${constants.name.replaceAll(/\s+/g, " ")}, exported by Limbeck ${version}. No dependencies; see student.d.ts.`;
  return `${heading}\n${template.replace(PLACE, () => `export const student = {\n${lines.join("\n")}\n};`)}`;
}

/** As PNG and zip have it. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = crcOfByte[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

const crcOfByte = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
