/** @file Constants that stand in a file as whole numbers, and are multiplied out before they are used: weights of quantised networks. */
import { LimbeckError } from "../errors.ts";
import { sizeOf } from "../tensor/index.ts";
import { ELEMENT } from "./fields.ts";
import { shownName, type OnnxNode } from "./model-proto.ts";
import { damaged } from "./protobuf.ts";
import { isWhole, numbersOf, rangeOf, type ExternalFiles, type OnnxTensor } from "./tensor-proto.ts";

/** How many numbers may still be multiplied out: a small file can ask for one constant many times. */
export interface Room {
  left: number;
}

/** More than the largest network of the table five times over. */
export const MOST_MULTIPLIED: number = 2 ** 27;

/**
 * What DequantizeLinear makes of constants, scale·(q - zero), with one scale or one for each place along an axis; `undefined` for another node, or one whose
 * numbers are computed. Throws WEIGHTS where sizes or types do not fit, UNSUPPORTED for scales of blocks, and where there is no room.
 */
export function dequantised(
  { op, domain, inputs, outputs, attributes, at, name }: OnnxNode,
  tensors: ReadonlyMap<string, OnnxTensor>,
  external: ExternalFiles,
  room: Room,
): OnnxTensor | undefined {
  const [whole, scale, zero] = inputs.map((each) => tensors.get(each));
  const [output] = outputs;
  const isKnown = whole && scale && (!inputs[2] || zero) && output !== undefined;
  if (op !== "DequantizeLinear" || domain !== "" || !isKnown) return undefined;
  const { dims, source } = whole;
  const title = `DequantizeLinear ${shownName(name || output)}`;
  const unknown = [...attributes].find(([key, value]) => key !== "axis" && !(key === "block_size" && value === 0))?.[0];
  if (unknown !== undefined) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${source}: ${title}: attribute ${shownName(unknown)} is not known; it cannot be imported, run the file by onnxruntime-node`,
    );
  }
  room.left -= sizeOf(dims);
  if (room.left < 0) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${source}: ${title}: more than ${MOST_MULTIPLIED} numbers in all would be multiplied out; it cannot be imported, run the file by onnxruntime-node`,
    );
  }
  if (!isWhole(whole) || isWhole(scale) || (zero && zero.type !== whole.type))
    damaged(whole, at, `${title} should have whole numbers, floats as scales, and zero points of the numbers' type`);
  const [numbers, scales] = [numbersOf(whole, external), numbersOf(scale, external)];
  const zeros = zero ? numbersOf(zero, external) : new Float64Array(scales.length);
  const said = attributes.get("axis") ?? 1;
  const axis = typeof said === "number" && said < 0 ? said + dims.length : said;
  const isOne = scales.length === 1;
  const fits = isOne || (typeof axis === "number" && dims[axis] === scales.length);
  if (!fits || zeros.length !== scales.length) {
    damaged(whole, at, `${title} should have a scale and a zero point, or one for each place along an axis`);
  }
  const [least, most] = rangeOf(whole) ?? [-Infinity, Infinity];
  const isHeld = (q: number): boolean => q >= least && q <= most;
  if (!Array.prototype.every.call(numbers, isHeld) || !Array.prototype.every.call(zeros, isHeld))
    damaged(whole, at, `${title} should have numbers that their type holds, from ${least} to ${most}`);
  const inner = isOne ? numbers.length : sizeOf(dims.slice((axis as number) + 1));
  const listed = Float32Array.from(numbers, (q, i) => {
    const place = Math.floor(i / inner) % scales.length;
    return Math.fround(q - zeros[place]!) * scales[place]!;
  });
  return { name: output, dims, type: ELEMENT.float, listed, at, source };
}
