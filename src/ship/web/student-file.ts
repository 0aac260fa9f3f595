/** @file What `student.js` knows of the student beside it, and the files that go together. */
import { elementAt, valueAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import type { ImageShape } from "../../models/index.ts";
import { classNamesOf, type ShippedDescription } from "../description.ts";
import { toFloat16 } from "../float16.ts";
import type { QuantisedNetwork } from "../../engine/int8/network.ts";
import { integerModule } from "../../engine/int8/module.ts";
import type { NetworkModule } from "../../engine/wasm/emit/module.ts";

/** In which numbers weights are shipped; with int8 it is what the student computes with, too. */
export type WebPrecision = "float32" | "float16" | "int8";

/** What a network is shipped as. */
export interface ShippedNetwork {
  readonly precision: WebPrecision;
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly module: NetworkModule;
  /** For machines with relaxed SIMD: another that computes the same bits with the same weights. */
  readonly relaxed?: NetworkModule;
}

/** A module that goes with the weights. */
interface ModuleConstants {
  /** What the module says of itself. */
  readonly id: string;
  /** Address of the image. */
  readonly input: number;
  /** Of the logits, and how many they are. */
  readonly output: readonly [address: number, logits: number];
  /** Address and bytes of each range of weights. */
  readonly weights: readonly (readonly [address: number, bytes: number])[];
}

type FileName = "student.wasm" | "student.relaxed.wasm" | "weights.bin";

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
  readonly background?: readonly [number, number, number] | undefined;
  readonly precision: WebPrecision;
  /** The plain one, and the one for relaxed SIMD, if there is one. */
  readonly modules: readonly ModuleConstants[];
  /** CRC-32 of the logits of numbers that stand for an image: of two modules, because relaxed SIMD is wrong in some browsers. */
  readonly proof?: number;
  /** `1100234 bytes with CRC-32 3735928559`. */
  readonly files: Readonly<Partial<Record<FileName, string>>>;
}

/** The files that are this student's own, but for its script. */
export interface StudentFiles {
  readonly constants: StudentConstants;
  readonly files: ReadonlyMap<FileName, Uint8Array<ArrayBuffer>>;
}

/** Throws ARGUMENT for weights that float16 cannot hold. */
export function inFloats(
  module: NetworkModule<Float32Array<ArrayBuffer>>,
  precision: "float32" | "float16",
): ShippedNetwork {
  const numbers = precision === "float16" ? toFloat16(module.weights) : module.weights;
  return { precision, weights: new Uint8Array(numbers.buffer), module };
}

/** Throws UNSUPPORTED for a network that cannot be computed in 32 bits. `top` has to be 127. */
export function inWholeNumbers(network: QuantisedNetwork): ShippedNetwork {
  const [module, relaxed] = [integerModule(network, "plain"), integerModule(network, "relaxed")];
  return { precision: "int8", weights: module.weights, module, relaxed };
}

/** Throws UNSUPPORTED for images that are not grey or in colour. */
export async function studentFiles(
  { precision, weights, module, relaxed }: ShippedNetwork,
  description: ShippedDescription,
): Promise<StudentFiles> {
  const { name, inputShape, normalisation, preparation } = description;
  const [channels, height, width] = inputShape;
  if (channels !== 1 && channels !== 3) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `pictures have 1 or 3 channels, but ${name} takes ${channels}; a student for the web takes pictures: export it as onnx`,
    );
  }
  const known = {
    name,
    classes: classNamesOf(description),
    channels,
    height,
    width,
    mean: normalisation.mean,
    std: normalisation.std,
    resize: Math.max(height, preparation?.resize ?? height),
    background: preparation?.background,
    precision,
  };
  const bytesPerNumber = precision === "int8" ? 1 : 4;
  const places = [module, relaxed].filter((each) => each !== undefined).map((each) => placesOf(each, bytesPerNumber));
  const id = (await sha256Hex(JSON.stringify([known, places, await sha256Hex(weights)]))).slice(0, 16);
  const modules = places.map((at, i) => ({ id: i === 0 ? id : relaxedId(id), ...at }));
  const files = new Map<FileName, Uint8Array<ArrayBuffer>>([
    ["student.wasm", module.encode(id)],
    ...(relaxed ? [["student.relaxed.wasm", relaxed.encode(relaxedId(id))] as const] : []),
    ["weights.bin", weights],
  ]);
  const checks = [...files].map(([file, bytes]) => [file, checkOf(bytes)] as const);
  const proof = relaxed && {
    proof: await proofOf(valueAt(files, "student.wasm"), weights, elementAt(modules, 0), inputShape),
  };
  return { constants: { ...known, modules, ...proof, files: Object.fromEntries(checks) }, files };
}

/** What a module for relaxed SIMD says of itself. */
function relaxedId(id: string): string {
  return `${id} relaxed`;
}

/** What is known of a file's bytes. */
function checkOf(bytes: Uint8Array): string {
  return `${bytes.length} bytes with CRC-32 ${crc32(bytes)}`;
}

function placesOf({ input, output, ranges }: NetworkModule, bytesPerNumber: number): Omit<ModuleConstants, "id"> {
  const weights = ranges.map(({ at, length }) => [at, length * bytesPerNumber] as const);
  return { input: input.at, output: [output.at, output.length], weights };
}

/** Of a module in whole numbers. NOTE: student.js computes the same. */
async function proofOf(
  wasm: Uint8Array<ArrayBuffer>,
  weights: Uint8Array,
  { input, output: [address, logits], weights: ranges }: ModuleConstants,
  [channels, height, width]: ImageShape,
): Promise<number> {
  const { instance } = await WebAssembly.instantiate(wasm);
  const { memory, prepare, run } = instance.exports as unknown as IntegerExports;
  let from = 0;
  for (const [address, length] of ranges) {
    new Uint8Array(memory.buffer, address, length).set(weights.subarray(from, from + length));
    from += length;
  }
  prepare();
  const image = new Float32Array(memory.buffer, input, channels * height * width);
  for (let i = 0; i < image.length; i++) image[i] = ((i * 37) % 7) - 3;
  run();
  return crc32(new Uint8Array(memory.buffer, address, 4 * logits));
}

interface IntegerExports {
  readonly memory: WebAssembly.Memory;
  prepare(): void;
  run(): void;
}

/** The template's line that the constants take the place of. */
const CONSTANTS = "export const student = {};";
/** Its lines that a student of one module has no use for. */
const TWO_MODULES = /^ *\/\/ With two modules \{\n[^]*?^ *\/\/ \}\n/gm;

/** `student.js`: the constants, then what is the same of all students, without its comments and indents, which are half of it. */
export function studentScript(constants: StudentConstants, version: string, template: string): string {
  if (!template.includes(CONSTANTS) || template.search(TWO_MODULES) < 0) {
    throw new Error(`the template of student.js should have ${CONSTANTS} and ${TWO_MODULES.source}`);
  }
  const heading = `// ${constants.name.replaceAll(/\s+/g, " ")}, exported by Limbeck ${version}. No dependencies; see student.d.ts.`;
  const own = constants.modules.length > 1 ? template : template.replaceAll(TWO_MODULES, "");
  const code = own.replaceAll(/^ *(\/\*\*[^]*?\*\/|\/\/.*)\n/gm, "").replaceAll(/^\s+/gm, "");
  return `${heading}\n${code.replace(CONSTANTS, () => `export const student = ${JSON.stringify(constants)};`)}`;
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
