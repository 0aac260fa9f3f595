/** @file How a kernel divides its items among tasks: the same way whatever the number of threads. */
import { forRange, get, i32, min, seq, set, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";

/** Runs `body` for the items of a task: `chunk` of `count`, from task·chunk on. */
export function eachOf(f: FunctionBuilder, item: Local, task: Local, count: number, chunk: number, body: Code): Code {
  if (count <= chunk) return forRange(item, 0, count, 1, body);
  const end = f.local("i32");
  const from = i32.mul(get(task), chunk);
  const to = i32.add(from, chunk);
  return seq(set(end, count % chunk === 0 ? to : min(to, count)), forRange(item, from, get(end), 1, body));
}
