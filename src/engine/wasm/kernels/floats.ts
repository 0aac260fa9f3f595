/** @file Floats moved: runs copied or filled, lanes loaded from places apart, and the first few lanes of a vector stored. */
import { elementAt } from "../../../elements.ts";
import { advance, f32, f32x4, repeat, seq, set, v128, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";

/** Copies `count` floats, from `fromAt` floats behind `from` to `toAt` behind `to`. */
export function copyFloats(
  f: FunctionBuilder,
  from: Local,
  to: Local,
  fromAt: number,
  toAt: number,
  count: number,
): Code {
  return floats(f, count, [from, to], ([source, target], offset, vector) =>
    vector
      ? v128.store(target!, v128.load(source!, fromAt * 4 + offset), toAt * 4 + offset)
      : f32.store(target!, f32.load(source!, fromAt * 4 + offset), toAt * 4 + offset),
  );
}

/** Sets `count` floats to zero, from `at` floats behind `to`. */
export function zeroFloats(f: FunctionBuilder, to: Local, count: number, at = 0): Code {
  return fillFloats(f, to, count, 0, at);
}

/** Sets `count` floats to one value, from `at` floats behind `to`. */
export function fillFloats(f: FunctionBuilder, to: Local, count: number, value: number, at = 0): Code {
  return floats(f, count, [to], ([target], offset, vector) =>
    vector
      ? v128.store(target!, f32x4.const(value), at * 4 + offset)
      : f32.store(target!, f32.const(value), at * 4 + offset),
  );
}

/** Does something for `count` floats, eight vectors at a time, then vectors, then single floats. */
function floats(
  f: FunctionBuilder,
  count: number,
  pointers: readonly Local[],
  one: (pointers: readonly Local[], offset: number, vector: boolean) => Code,
): Code {
  if (count <= 0) return [];
  const moving = pointers.map(() => f.local("i32"));
  const counter = f.local("i32");
  const turns = Math.floor(count / 32);
  const parts: Code[] = [];
  for (let done = turns * 32; done < count;) {
    const vector = done + 4 <= count;
    parts.push(one(moving, (done - turns * 32) * 4, vector));
    done += vector ? 4 : 1;
  }
  return seq(
    ...moving.map((local, i) => set(local, elementAt(pointers, i))),
    repeat(counter, turns, [
      ...Array.from({ length: 8 }, (_, v) => one(moving, v * 16, true)),
      ...moving.map((local) => advance(local, 128)),
    ]),
    ...parts,
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
