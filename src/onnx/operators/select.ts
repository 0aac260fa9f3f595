/** @file Values put together, taken apart, passed on; borders. */
import { elementAt } from "../../elements.ts";
import { broadcastTo, concat, reshape, slice, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { forBatch } from "../image-axis.ts";
import { isWhole, numbersOf } from "../tensor-proto.ts";
import { MOST_NUMBERS, wholeNumbers, type Numbers, type Value } from "../value.ts";
import { kindOf } from "./convolution.ts";
import { taken } from "./numbers.ts";
import { dimsOf } from "./shape.ts";
import { extended } from "./spatial.ts";

const concatenate: Operator = (call) => {
  const values = call.inputs.map((_, i) => call.value(i));
  const numbers = values.filter((value): value is Numbers => value.kind === "numbers");
  if (numbers.length === values.length && values.length > 0) {
    call.ignore("axis");
    if (numbers.some(({ dims }) => dims.length !== 1)) call.unsupported("it puts tables of numbers together");
    if (numbers.reduce((sum, { values: list }) => sum + list.length, 0) > MOST_NUMBERS)
      call.unsupported("it makes a long list of numbers");
    return {
      ...wholeNumbers(numbers.flatMap((each) => each.values)),
      isWhole: numbers.every(({ isWhole }) => isWhole),
    };
  }
  const { images } = call;
  const active = values.find(({ kind }) => kind === "activation");
  const shape = active ? dimsOf(active) : [];
  const { batch } = call.setting;
  // A constant that stands before each image's own places, as a class token does, is the same for all.
  const tensors = values.map(({ kind }, i) => {
    const tensor = call.anywhere(i);
    const isShared =
      call.isActive && kind !== "activation" && tensor.shape[images.axis] === 1 && tensor.shape.length === shape.length;
    return isShared ? broadcastTo(tensor, forBatch({ shape: tensor.shape, images }, batch)) : tensor;
  });
  const [first] = tensors;
  if (!first) return call.damaged("should have inputs");
  const axis = call.axis(call.int("axis", 1), first.shape.length);
  call.checkApart(axis, "it puts batches behind each other");
  if (tensors.some(({ shape }) => shape.length !== first.shape.length))
    call.damaged("has inputs with different numbers of axes");
  return kindOf(call, tensors.length === 1 ? first : concat(tensors, axis));
};

const split: Operator = (call) => {
  const x = call.anywhere(0);
  const axis = call.axis(call.int("axis", 0), x.shape.length);
  call.checkApart(axis, "it takes the batch apart");
  const parts = call.node.outputs.length;
  call.ignore("num_outputs");
  const size = elementAt(x.shape, axis);
  const even = Math.ceil(size / parts);
  const sizes =
    call.ints("split") ?? call.numbers(1) ?? Array.from({ length: parts }, (_, i) => Math.min(even, size - i * even));
  if (sizes.length !== parts || sizes.some((each) => each < 1) || sizes.reduce((a, b) => a + b, 0) !== size) {
    return call.damaged(`should split ${size} into ${parts} parts, got ${sizes.slice(0, 8).join(", ")}`);
  }
  let from = 0;
  return sizes.map((each) => kindOf(call, slice(x, { axis, from, to: (from += each) })));
};

/** The attributes of the first version, the inputs of the later ones. */
const sliceOut: Operator = (call) => {
  const value = call.value(0);
  const dims = dimsOf(value);
  const [starts, ends] = [call.ints("starts") ?? call.numbers(1) ?? [], call.ints("ends") ?? call.numbers(2) ?? []];
  const axes = call.ints("axes") ?? call.numbers(3) ?? [...starts.keys()];
  const steps = call.numbers(4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length))
    call.damaged("should say as many starts, ends, axes and steps");
  return axes.reduce<Value>((rest, given, i) => {
    const axis = call.axis(given, dims.length);
    const places = placesOf(elementAt(dims, axis), elementAt(starts, i), elementAt(ends, i), elementAt(steps, i));
    if (rest.kind === "numbers") return taken(rest, axis, places);
    if (places.length === 0) return call.unsupported("it leaves nothing");
    if (places.length === dims[axis] && steps[i] === 1) return rest;
    call.checkApart(axis, "it takes images out of a batch");
    return kindOf(call, inSteps(call, rest.tensor, axis, places));
  }, value);
};

/** These places of an axis, evenly spaced up or down. */
function inSteps(call: Call, x: Tensor, axis: number, places: readonly number[]): Tensor {
  const [from = 0, next = from + 1] = places;
  if (next < from) return reversed(call, inSteps(call, x, axis, places.toReversed()), axis);
  const [step, count] = [next - from, places.length];
  const part = slice(x, { axis, from, to: Math.min(elementAt(x.shape, axis), from + step * count) });
  if (step === 1) return part;
  // The first of each group of `step`, of which the last may lack some.
  const whole = extended(part, axis, 0, step * count - elementAt(part.shape, axis), 0);
  const sizes = (...own: readonly number[]) => [...x.shape.slice(0, axis), ...own, ...x.shape.slice(axis + 1)];
  return reshape(slice(reshape(whole, sizes(count, step)), { axis: axis + 1, from: 0, to: 1 }), sizes(count));
}

function reversed(call: Call, x: Tensor, axis: number): Tensor {
  const size = elementAt(x.shape, axis);
  if (size > MOST_PARTS) call.unsupported(`it turns ${size} places round`);
  return concat(
    Array.from({ length: size }, (_, i) => slice(x, { axis, from: size - 1 - i, to: size - i })),
    axis,
  );
}

/** An axis is put together of so many places at most. */
const MOST_PARTS = 256;

/** The places from `start` to before `end`, which count from the end if negative, held within an axis. */
function placesOf(size: number, start: number, end: number, step: number): number[] {
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const at = (place: number): number => Math.min(most, Math.max(least, place < 0 ? place + size : place));
  const [from, to] = [at(start), at(end)];
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: Number.isFinite(count) ? count : 0 }, (_, i) => from + i * step);
}

/** One entry of a list, or one place along an axis. */
const gather: Operator = (call) => {
  const value = call.value(0);
  const dims = dimsOf(value);
  const axis = call.axis(call.int("axis", 0), dims.length);
  const indices = call.numbers(1) ?? call.damaged("should have indices");
  const isOne = dimsOf(call.value(1)).length === 0;
  if (dimsOf(call.value(1)).length > 1) call.unsupported("its indices are a table");
  const size = elementAt(dims, axis);
  const places = indices.map((index) => (index < 0 ? index + size : index));
  if (places.some((place) => !(place >= 0 && place < size))) call.damaged(`should have indices below ${size}`);
  if (value.kind === "numbers") {
    const entries = taken(value, axis, places);
    return isOne ? { ...entries, dims: dims.filter((_, i) => i !== axis) } : entries;
  }
  call.checkApart(axis, "it takes images out of a batch");
  const { images } = call;
  if (places.length > MOST_PARTS) call.unsupported(`it gathers ${places.length} places`);
  const parts = places.map((from): Tensor => slice(value.tensor, { axis, from, to: from + 1 }));
  const [first] = parts;
  if (!first) return call.damaged("should have indices");
  if (isOne)
    return kindOf(
      call,
      reshape(
        first,
        dims.filter((_, i) => i !== axis),
      ),
      { ...images, axis: images.axis - (axis < images.axis ? 1 : 0) },
    );
  return kindOf(call, parts.length === 1 ? first : concat(parts, axis));
};

const pad: Operator = (call) => {
  const x = call.tensor(0);
  const rank = x.shape.length;
  if (call.text("mode", "constant") !== "constant") call.unsupported("its border is not of one number");
  const pads = call.ints("pads") ?? call.numbers(1) ?? call.damaged("should say pads");
  const value = call.inputs[2] ? (call.numbers(2)?.[0] ?? 0) : call.float("value", 0);
  const axes = call.numbers(3)?.map((axis) => call.axis(axis, rank)) ?? [...x.shape.keys()];
  if (pads.length !== 2 * axes.length || pads.some((size) => size > 2 ** 14))
    call.damaged("should say pads before and after each axis");
  if (pads.some((size) => size < 0)) call.unsupported("it takes a border away, by negative pads");
  return kindOf(
    call,
    axes.reduce((padded, axis, i) => {
      const [before, after] = [elementAt(pads, i), elementAt(pads, i + axes.length)];
      if (axis === 0 && before + after > 0 && call.isActive) call.unsupported("it adds images to a batch");
      return extended(padded, axis, before, after, value);
    }, x),
  );
};

/** What is only passed on. */
const identity: Operator = (call) => call.value(0);

const dropout: Operator = (call) => {
  call.ignore("ratio", "seed", "is_test");
  if (call.numbers(2)?.[0]) call.unsupported("it is in training mode");
  return call.value(0);
};

/** NOTE: all arithmetic is float32's here, so that a cast between floats changes nothing; of numbers known now, whether they are whole. */
const cast: Operator = (call) => {
  const value = call.value(0);
  call.ignore("saturate", "round_mode");
  const isFloat = [1, 10, 11, 16].includes(call.int("to", 1));
  if (value.kind === "numbers")
    return { ...value, isWhole: !isFloat, values: isFloat ? value.values : value.values.map(Math.trunc) };
  return isFloat ? value : call.unsupported("it makes whole numbers of what the network computes");
};

/** Zeros, or the number that `value` is: shapes and borders are made of them. */
const constantOfShape: Operator = (call) => {
  const dims = call.numbers(0) ?? call.damaged("should have a shape");
  const value = call.attribute("value");
  const fill = typeof value === "object" && "dims" in value ? numbersOf(value, new Map())[0] : 0;
  const size = dims.reduce((a, b) => a * b, 1);
  if (fill === undefined || !(size >= 0 && size <= MOST_NUMBERS)) return call.unsupported(`it makes ${size} numbers`);
  const isWholeNumber = typeof value === "object" && "dims" in value && isWhole(value);
  return { kind: "numbers", dims, values: new Array<number>(size).fill(fill), isWhole: isWholeNumber };
};

export const selections: Readonly<Record<string, Operator>> = {
  Concat: concatenate,
  Split: split,
  Slice: sliceOut,
  Gather: gather,
  Pad: pad,
  Identity: identity,
  Dropout: dropout,
  Cast: cast,
  ConstantOfShape: constantOfShape,
};
