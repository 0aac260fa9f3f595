/** @file Maps at another height and width: nearest places, or between the two nearest on a line. */
import { elementAt } from "../../elements.ts";
import { matmul, permute, reshape, sizeOf, upsampleNearest2d, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { activation } from "../value.ts";

/** An axis of `from` places that becomes one of `to`, `factor` times as long. */
interface ResizedAxis {
  readonly from: number;
  readonly to: number;
  readonly factor: number;
}

/** Where a place of the result lies among those before: numerator / denominator + shift. */
type Coordinate = readonly [numerator: number, denominator: number, shift: number];

const coordinates: Readonly<Record<string, (place: number, resized: ResizedAxis) => Coordinate>> = {
  half_pixel: halfPixel,
  pytorch_half_pixel: (place, resized) => (resized.to > 1 ? halfPixel(place, resized) : [0, 1, 0]),
  align_corners: (place, { from, to }) => (to > 1 ? [place * (from - 1), to - 1, 0] : [0, 1, 0]),
  asymmetric: (place, { factor }) => [place, factor, 0],
};

function halfPixel(place: number, { factor }: ResizedAxis): Coordinate {
  return [place + 0.5, factor, -0.5];
}

/** Which place stands for what lies between two. */
const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** NOTE: the first version, and Upsample before it, had asymmetric coordinates and the place below. */
const resize: Operator = (call) => {
  const x = call.tensorOf(0, 4);
  const isFirst = call.node.op === "Upsample" || call.setting.opset < 11;
  const mode = call.text("mode", "nearest");
  const between = call.text("coordinate_transformation_mode", isFirst ? "asymmetric" : "half_pixel");
  const rounding = call.text("nearest_mode", isFirst ? "floor" : "round_prefer_floor");
  call.ignore("cubic_coeff_a", "extrapolation_value"); // of modes that are refused
  const [coordinate, round] = [coordinates[between], roundings[rounding]];
  if (mode !== "nearest" && mode !== "linear") return call.unsupported(`its mode is ${mode}, not nearest or linear`);
  if (!coordinate) return call.unsupported(`its coordinate_transformation_mode is ${between}`);
  if (!round) return call.unsupported(`its nearest_mode is ${rounding}`);
  if (call.int("antialias", 0) !== 0) call.unsupported("it means over places, by antialias");
  if (call.int("exclude_outside", 0) !== 0) call.unsupported("it leaves out what is outside, by exclude_outside");
  if (call.text("keep_aspect_ratio_policy", "stretch") !== "stretch") call.unsupported("it keeps the aspect ratio");
  const placeOf = (place: number, resized: ResizedAxis): number =>
    nearest(call, coordinate(place, resized), round, resized);
  const fill = (row: Float32Array, place: number, resized: ResizedAxis): void => {
    if (mode === "nearest") return void (row[placeOf(place, resized)] = 1);
    const [numerator, denominator, shift] = coordinate(place, resized);
    const at = held(numerator / denominator + shift, resized);
    const low = Math.floor(at);
    row[low] = 1 - (at - low);
    if (at > low) row[low + 1] = at - low;
  };
  const [rows, columns] = resizedAxes(call, x, isFirst);
  const factors = [rows, columns].map(({ from, to }) => to / from) as [number, number];
  const isRepeated = [rows, columns].every(
    (resized, i) =>
      Number.isInteger(factors[i]) &&
      Array.from({ length: resized.to }).every(
        (_, place) => placeOf(place, resized) === Math.floor(place / elementAt(factors, i)),
      ),
  );
  if (mode === "nearest" && isRepeated) return activation(upsampleNearest2d(x, factors));
  const along = (y: Tensor, resized: ResizedAxis, axis: 2 | 3): Tensor =>
    isSame(resized) ? y : mapped(call, y, resized, axis, fill);
  return activation(along(along(x, columns, 3), rows, 2));
};

export const resizes: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: resize };

/** The last two axes, by scales or sizes. The others have to stay. */
function resizedAxes(call: Call, x: Tensor, isFirst: boolean): readonly [rows: ResizedAxis, columns: ResizedAxis] {
  const given = (i: number): readonly number[] | undefined => {
    const list = call.inputs[i] && call.numbers(i);
    return list && list.length > 0 ? list : undefined;
  };
  const scales = given(isFirst ? 1 : 2);
  const sizes = isFirst ? undefined : given(3);
  const axes = call.ints("axes")?.map((axis) => call.axis(axis, 4)) ?? [0, 1, 2, 3];
  const list = sizes ?? scales ?? call.unsupported("it has neither scales nor sizes as inputs");
  if (list.length !== axes.length || list.some((each) => !(each > 0 && each <= LARGEST)))
    return call.damaged(`should have ${axes.length} scales or sizes from 0 to ${LARGEST}`);
  const resized = x.shape.map((from, axis): ResizedAxis => {
    const value = axes.includes(axis) ? elementAt(list, axes.indexOf(axis)) : undefined;
    if (value === undefined) return { from, to: from, factor: 1 };
    return sizes
      ? { from, to: value, factor: value / from }
      : { from, to: Math.floor(Math.fround(from * value)), factor: value };
  });
  const [images, channels, rows, columns] = resized as [ResizedAxis, ResizedAxis, ResizedAxis, ResizedAxis];
  const isBatch = images.to === images.from || (sizes !== undefined && images.to === call.setting.fileBatch);
  if (!isBatch || channels.to !== channels.from) call.unsupported("it changes other axes than height and width");
  if (isFirst && call.text("mode", "nearest") === "nearest" && [rows, columns].some(({ factor }) => factor < 1))
    call.unsupported("it makes maps smaller, by a version of Resize that does not say how");
  if (rows.to < 1 || columns.to < 1) call.unsupported("it leaves nothing");
  // NOTE: 2 places by 1.25 are 2, between those before by the standard and by PyTorch, but the same ones by ONNX Runtime.
  const isLeft = [rows, columns].every(({ from, to }) => from === to);
  if (isLeft && ![rows, columns].every(isSame))
    call.unsupported("its scales are not 1, but leave the sizes as they are");
  return [rows, columns];
}

/** Whether each place becomes itself, in every way of counting. */
function isSame({ from, to, factor }: ResizedAxis): boolean {
  return from === to && factor === 1;
}

/** The nearest place. Throws UNSUPPORTED for one that is halfway between two but for rounding: runtimes differ in which they take. */
function nearest(
  call: Call,
  [numerator, denominator, shift]: Coordinate,
  round: (x: number) => number,
  resized: ResizedAxis,
): number {
  const at = numerator / denominator + shift;
  const place = held(round(at), resized);
  const isExact =
    Math.fround(denominator) === denominator && Math.fround(numerator / denominator) * denominator === numerator;
  const isClear = [-1e-4, 1e-4].every((off) => held(round(at + off), resized) === place);
  return isExact || isClear ? place : call.unsupported("it rounds what is halfway between two places");
}

/** The place, or what lies between two, held within the axis. */
function held(at: number, { from }: ResizedAxis): number {
  return Math.min(from - 1, Math.max(0, at));
}

/** x with an axis multiplied by a matrix of which each row says what a place of the result is made of. */
function mapped(
  call: Call,
  x: Tensor,
  resized: ResizedAxis,
  axis: 2 | 3,
  fill: (row: Float32Array, place: number, resized: ResizedAxis) => void,
): Tensor {
  const { from, to } = resized;
  if (from * to > LARGEST_MATRIX) call.unsupported(`it makes ${to} places of ${from}`);
  const matrix = call.state(axis === 2 ? "rows" : "columns", [to, from], () => {
    const values = new Float32Array(to * from);
    for (let place = 0; place < to; place++) fill(values.subarray(place * from, (place + 1) * from), place, resized);
    return values;
  });
  const last = axis === 3 ? x : permute(x, [0, 1, 3, 2]);
  const before = last.shape.slice(0, 3);
  const product = matmul(reshape(last, [sizeOf(before), from]), matrix, { transposeB: true });
  const y = reshape(product, [...before, to]);
  return axis === 3 ? y : permute(y, [0, 1, 3, 2]);
}

const LARGEST = 2 ** 14;
const LARGEST_MATRIX = 2 ** 22;
