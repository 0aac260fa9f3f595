/** @file Floats moved: runs copied or filled, lanes loaded from places apart, and the first few lanes of a vector stored. */
import { advance, f32, f32x4, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";

/** Copies `count` floats, from `skip` floats behind `from` to `at` floats behind `to`. */
export function copyFloats(
  f: FunctionBuilder,
  from: Local,
  to: Local,
  count: number,
  { skip = 0, at = 0 }: { readonly skip?: number; readonly at?: number } = {},
): Code {
  if (count <= 0) return [];
  const [source, target] = f.locals("i32", 2);
  const copied = eachFloat(f, [source, target], count, (offset, { load, store }) =>
    store(target, load(source, skip * 4 + offset), at * 4 + offset),
  );
  return seq(set(source, from), set(target, to), copied);
}

/** Sets `count` floats to zero, from `at` floats behind `to`. */
export function zeroFloats(f: FunctionBuilder, to: Local, count: number, at = 0): Code {
  return fillFloats(f, to, count, 0, at);
}

/** Sets `count` floats to one value, from `at` floats behind `to`. */
export function fillFloats(f: FunctionBuilder, to: Local, count: number, value: number, at = 0): Code {
  if (count <= 0) return [];
  const target = f.local("i32");
  const filled = eachFloat(f, [target], count, (offset, lanes) =>
    lanes.store(target, lanes.const(value), at * 4 + offset),
  );
  return seq(set(target, to), filled);
}

/** Four floats at a time, or one. */
type Lanes = Pick<typeof f32, "load" | "store" | "const">;
const four: Lanes = { ...v128, const: f32x4.const };

/** Does something for `count` floats, eight vectors at a time, then vectors, then single floats; pointers are moved on. */
function eachFloat(
  f: FunctionBuilder,
  pointers: readonly Local[],
  count: number,
  one: (offset: number, lanes: Lanes) => Code,
): Code {
  const counter = f.local("i32");
  const turns = Math.floor(count / 32);
  const rest: Code[] = [];
  for (let done = turns * 32; done < count;) {
    const lanes = done + 4 <= count ? four : f32;
    rest.push(one((done - turns * 32) * 4, lanes));
    done += lanes === four ? 4 : 1;
  }
  return seq(
    repeat(counter, turns, [
      ...Array.from({ length: 8 }, (_, v) => one(v * 16, four)),
      ...pointers.map((local) => advance(local, 128)),
    ]),
    ...rest,
  );
}

/** The first few lanes from places `step` bytes apart. */
export function loadStrided(f: FunctionBuilder, at: Local, address: number, step: number, lanes: number): Code {
  const value = f.local("v128");
  return seq(
    set(value, v128.load32Splat(at, address)),
    ...[1, 2, 3].slice(0, lanes - 1).map((lane) => set(value, v128.load32Lane(at, value, address + lane * step, lane))),
    value,
  );
}

/** Stores four lanes, or only the first few. */
export function storeColumns(address: Local, value: Code, offset: number, lanes: number, f: FunctionBuilder): Code {
  if (lanes >= 4) return v128.store(address, value, offset);
  const kept = f.local("v128");
  return seq(
    set(kept, value),
    ...Array.from({ length: lanes }, (_, lane) => v128.store32Lane(address, kept, offset + lane * 4, lane)),
  );
}
