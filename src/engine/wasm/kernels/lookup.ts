/** @file Rows of bytes by their indices, each byte looked up in a table: images, normalised, as they are or shifted. */
import type { LookedUp } from "../../compiler/data-movement.ts";
import type { LookupShape } from "../../compiler/sizes.ts";
import {
  address,
  advance,
  f32,
  forRange,
  i32,
  int,
  repeat,
  select,
  seq,
  set,
  when,
  type Code,
  type Int,
  type Local,
} from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { fillFloats } from "./floats.ts";
import { eachItem, type Buffer, type Kernel } from "./kernel.ts";

/** y[k] = each byte of x[index[k]], shifted, as the table has it for its channel, NaN for an index outside. */
export function lookupRows(shape: LookupShape, from: LookedUp<Buffer>, y: Buffer): Kernel {
  const { rows, channels, height, width, count } = shape;
  const { x, indices, table, shifts } = from;
  const columns = channels * height * width;
  const chunk = Math.max(1, Math.floor(8192 / columns));
  const kernel = {
    label: `lookupRows ${count} of ${rows}×${channels}×${height}×${width}`,
    reads: [x, indices, table, ...(shifts ? [shifts] : [])],
    writes: [y],
    touched: count * columns * 5,
    scratch: shifts ? 4 * (width + 1) : 0,
  };
  return eachItem({ ...kernel, count, chunk }, (f, k, scratch) => {
    const [row, pixels, to, values] = f.locals("i32", 4);
    const image = { pixels, to, values };
    const looked = shifts ? shifted(f, shape, image, { shifts, k, scratch }) : asItIs(f, shape, image);
    return [
      set(row, i32.load(i32.mul(k, 4), indices.address)),
      set(pixels, address([row, columns], x.address)),
      set(to, address([k, columns * 4], y.address)),
      set(values, int(table.address)),
      when(i32.ltUnsigned(row, rows), looked, fillFloats(f, to, columns, Number.NaN)),
    ];
  });
}

/** Addresses of an image's bytes, of its result, and of its channel's part of the table; they are moved on. */
interface Image {
  readonly pixels: Local;
  readonly to: Local;
  readonly values: Local;
}

/** Bytes that are looked up before a loop is tested again. */
const together = 8;

function asItIs(f: FunctionBuilder, shape: LookupShape, { pixels, to, values }: Image): Code {
  const { channels, height, width } = shape;
  const [channel, at] = f.locals("i32", 2);
  const step = stepOf(shape);
  const lookUp = (some: number): Code =>
    seq(
      ...Array.from({ length: some }, (_, i) => store(at, values, i32.load8Unsigned(pixels, i), i * step)),
      advance(pixels, some),
      advance(at, some * step),
    );
  const ofChannel = seq(
    set(at, to),
    repeated(f, height * width, lookUp),
    advance(values, 4 * 256),
    advance(to, nextChannel(shape)),
  );
  return repeat(channel, channels, ofChannel);
}

/** The same with lines and columns taken elsewhere: where the columns come from is found once an image, in the thread's own memory. */
function shifted(
  f: FunctionBuilder,
  shape: LookupShape,
  { pixels, to, values }: Image,
  { shifts, k, scratch }: { readonly shifts: Buffer; readonly k: Local; readonly scratch: Local },
): Code {
  const { channels, height, width, border } = shape;
  const [down, right, isMirrored, column, place, channel, line, source, at, cursor] = f.locals("i32", 10);
  const black = f.local("f32");
  const step = stepOf(shape);
  /** Behind the columns, a byte of 0. */
  const blackByte = i32.add(scratch, 4 * width);
  const shift = (into: Local, which: number, length: number): Code =>
    seq(
      set(into, i32.load(i32.mul(k, 12), shifts.address + 4 * which)),
      // Further away, everything is outside.
      set(into, select(into, int(2 * length), i32.ltSigned(into, 2 * length))),
      set(into, select(into, int(-2 * length), i32.geSigned(into, -2 * length))),
    );
  /** Sets `source` to where a place lies: a number below `length`, or any other where that is outside. */
  const find = (at: Int, length: number): Code => {
    const found = set(source, int(at));
    if (border === "black") return found;
    const turned = select(i32.sub(2 * (length - 1), source), source, i32.geSigned(source, length));
    return seq(found, set(source, select(i32.sub(0, source), turned, i32.ltSigned(source, 0))));
  };
  const columns = seq(
    find(i32.add(column, right), width),
    set(place, select(i32.sub(width - 1, column), column, isMirrored)),
    i32.store(address(scratch, [place, 4]), select(source, int(-1), i32.ltUnsigned(source, width))),
  );
  const lookUp = (some: number): Code =>
    seq(
      ...Array.from({ length: some }, (_, i) => {
        const pixel = seq(set(column, i32.load(cursor, 4 * i)), i32.add(line, column));
        const where = select(pixel, blackByte, i32.geSigned(column, 0));
        return store(at, values, i32.load8Unsigned(where), i * step);
      }),
      advance(cursor, 4 * some),
      advance(at, some * step),
    );
  const blackLine = repeat(column, width, [f32.store(at, black), advance(at, step)]);
  const ofLine = seq(
    find(i32.add(place, down), height),
    set(cursor, scratch),
    set(line, address(pixels, [source, width])),
    when(i32.ltUnsigned(source, height), repeated(f, width, lookUp), blackLine),
  );
  const ofChannel = seq(
    set(at, to),
    set(black, f32.load(values)),
    repeat(place, height, ofLine),
    advance(pixels, height * width),
    advance(values, 4 * 256),
    advance(to, nextChannel(shape)),
  );
  return seq(
    shift(down, 0, height),
    shift(right, 1, width),
    set(isMirrored, i32.load(i32.mul(k, 12), shifts.address + 8)),
    repeat(column, width, columns),
    i32.store8(blackByte, int(0)),
    repeat(channel, channels, ofChannel),
  );
}

/** Stores what the table has for a byte. */
function store(at: Local, values: Local, byte: Code, offset: number): Code {
  return f32.store(at, f32.load(i32.add(values, i32.shl(byte, 2))), offset);
}

/** Bytes from a pixel of the result to the next one of its channel. */
function stepOf({ channels, isChannelsLast }: LookupShape): number {
  return isChannelsLast ? channels * 4 : 4;
}

/** Bytes from the first pixel of a channel to that of the next. */
function nextChannel({ height, width, isChannelsLast }: LookupShape): number {
  return isChannelsLast ? 4 : height * width * 4;
}

/** Does something for so many pixels, several at a time. */
function repeated(f: FunctionBuilder, count: number, some: (count: number) => Code): Code {
  const rest = count % together;
  return seq(forRange(f.local("i32"), 0, count - rest, together, some(together)), rest > 0 ? some(rest) : []);
}
