/** @file What `student.js` knows of the student beside it, and the files that go together. */
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import { classNamesOf, type ShippedDescription } from "../description.ts";
import { toFloat16 } from "../float16.ts";
import type { QuantisedNetwork } from "../quantised.ts";
import { integerModule } from "./int8/module.ts";
import type { StudentModule } from "./module.ts";

/** In which numbers weights are shipped; with int8 it is what the student computes with, too. */
export type WebPrecision = "float32" | "float16" | "int8";

/** A module, and where in its memory what is. */
export interface ShippedModule {
  readonly input: { readonly at: number };
  readonly output: { readonly at: number };
  /** Where the weights go, one stretch after the other: so many numbers from an address on. */
  readonly stretches: readonly { readonly at: number; readonly length: number }[];
  encode(about: string): Uint8Array<ArrayBuffer>;
}

/** What a network is shipped as. */
export interface ShippedNetwork {
  readonly precision: WebPrecision;
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly module: ShippedModule;
  /** For machines with relaxed SIMD: another that computes the same bits with the same weights. */
  readonly relaxed?: ShippedModule;
}

/** Addresses of the image and of the logits; address and length of each stretch of weights. */
interface Addresses {
  readonly input: number;
  readonly output: number;
  readonly weights: readonly (readonly [address: number, length: number])[];
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
  readonly background?: readonly [number, number, number];
  readonly precision: WebPrecision;
  readonly at: Addresses;
  /** Those in the module for relaxed SIMD, if there is one. */
  readonly relaxed?: Addresses;
  /** Of all the above and of the weights; the modules have it too. */
  readonly id: string;
  /** Bytes and CRC-32. */
  readonly files: Readonly<Partial<Record<FileName, readonly [bytes: number, crc32: number]>>>;
}

/** The files that are this student's own, but for its script. */
export interface StudentFiles {
  readonly constants: StudentConstants;
  readonly files: ReadonlyMap<FileName, Uint8Array<ArrayBuffer>>;
}

/** Throws ARGUMENT for weights that float16 cannot hold. */
export function inFloats(module: StudentModule, precision: "float32" | "float16"): ShippedNetwork {
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
    ...(preparation?.background && { background: preparation.background }),
    precision,
    at: addressesOf(module),
    ...(relaxed && { relaxed: addressesOf(relaxed) }),
  };
  const id = (await sha256Hex(JSON.stringify([known, await sha256Hex(weights)]))).slice(0, 16);
  const files = new Map<FileName, Uint8Array<ArrayBuffer>>([
    ["student.wasm", module.encode(id)],
    ...(relaxed ? [["student.relaxed.wasm", relaxed.encode(`${id} relaxed`)] as const] : []),
    ["weights.bin", weights],
  ]);
  const checks = [...files].map(([file, bytes]) => [file, [bytes.length, crc32(bytes)]] as const);
  return { constants: { ...known, id, files: Object.fromEntries(checks) }, files };
}

function addressesOf({ input, output, stretches }: ShippedModule): Addresses {
  return { input: input.at, output: output.at, weights: stretches.map(({ at, length }) => [at, length] as const) };
}

/** The template's line that the constants take the place of. */
const CONSTANTS = "export const student = {};";
/** Its lines that choose between two modules, from one to before the other, and what a student of one module has instead. */
const CHOICE = ["/** A module of one function", "/**\n * Makes the student ready"] as const;
const NO_CHOICE = `/** Its code. */
const wasmHere = () => fetched("student.wasm", new URL("student.wasm", import.meta.url));

`;

/** `student.js`: the constants, then what is the same of all students. */
export function studentScript(constants: StudentConstants, version: string, template: string): string {
  const [from, to] = CHOICE.map((line) => template.indexOf(line)) as [number, number];
  if (!template.includes(CONSTANTS) || from < 0 || to < from) {
    throw new Error(`the template of student.js should have ${[CONSTANTS, ...CHOICE].join(", ")}`);
  }
  const lines = Object.entries(constants).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  const heading = `// ${constants.name.replaceAll(/\s+/g, " ")}, exported by Limbeck ${version}. No dependencies; see student.d.ts.`;
  const own = constants.relaxed ? template : `${template.slice(0, from)}${NO_CHOICE}${template.slice(to)}`;
  return `${heading}\n${own.replace(CONSTANTS, () => `export const student = {\n${lines.join("\n")}\n};`)}`;
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
