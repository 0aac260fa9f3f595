/** @file What the WebGPU engine schedules: a compute shader, the memory that it touches, and how many workgroups of it are run. */
import { elementAt } from "../../../elements.ts";
import type { Dispatch, Span } from "../../compiler/dispatch.ts";
import { functionsIn } from "./functions.ts";

/** Memory of one type of element. Programs that run say which GPUBuffer it lies in. */
export class Buffer implements Span {
  readonly label: string;
  readonly elements: number;
  /** `u32` holds four bytes, the first one lowest. */
  readonly type: "f32" | "i32" | "u32";
  /** Of a part of a larger one: which, and from where on, in elements. A dispatch may bind that instead, once for all of its parts. */
  readonly part?: { readonly whole: Buffer; readonly offset: number };

  constructor(label: string, elements: number, type: Buffer["type"] = "f32", part?: Buffer["part"]) {
    this.label = label;
    this.elements = elements;
    this.type = type;
    if (part) this.part = part;
  }

  get bytes(): number {
    return this.elements * 4;
  }
}

export type Workgroups = readonly [x: number, y: number, z: number];

/** A dispatch. Two of the same code share a pipeline: it names no buffer, only the number of each binding. */
export interface Kernel extends Dispatch<Buffer> {
  /** In the order of the bindings, each once. */
  readonly buffers: readonly Buffer[];
  readonly code: string;
  readonly workgroups: Workgroups;
}

/** What a shader calls its buffers; one that was not given has no name to use. */
export type Names<Name extends string> = Readonly<Record<Name, string>>;

export interface Memory<Reads extends string, Writes extends string> {
  readonly reads: Readonly<Record<Reads, Buffer | undefined>>;
  readonly writes: Readonly<Record<Writes, Buffer>>;
}

interface ShaderSpec<Reads extends string, Writes extends string> extends Memory<Reads, Writes> {
  readonly label: string;
  readonly workgroups: Workgroups;
  /** Everything after the bindings. */
  code(names: Names<Reads | Writes>): string;
}

/**
 * A kernel of any shader. A buffer that is both read and written is one binding, since a dispatch may not have it twice; nor may it
 * read one part of a GPUBuffer and write another, unless it could write both.
 */
export function shader<Reads extends string, Writes extends string>({
  label,
  reads,
  writes,
  workgroups,
  code,
}: ShaderSpec<Reads, Writes>): Kernel {
  const read = Object.entries<Buffer | undefined>(reads).flatMap(([name, buffer]) =>
    buffer ? [[name, buffer] as const] : [],
  );
  const written = Object.entries<Buffer>(writes);
  const buffers = [...new Set([...read, ...written].map(([, buffer]) => buffer))];
  const isWritten = new Set(written.map(([, buffer]) => buffer.part?.whole ?? buffer));
  const names = Object.fromEntries(
    [...read, ...written].map(([name, buffer]) => [name, `buffer${buffers.indexOf(buffer)}`]),
  );
  const bindings = buffers.map((buffer, i) => {
    const access = isWritten.has(buffer.part?.whole ?? buffer) ? "read_write" : "read";
    return `@group(0) @binding(${i}) var<storage, ${access}> buffer${i}: array<${buffer.type}>;`;
  });
  const text = code(names as Names<Reads | Writes>);
  return {
    label,
    reads: read.map(([, buffer]) => buffer),
    writes: written.map(([, buffer]) => buffer),
    buffers,
    code: [...bindings, functionsIn(text), text].join("\n"),
    workgroups,
  };
}

interface KernelSpec<Reads extends string, Writes extends string> extends Memory<Reads, Writes> {
  readonly label: string;
  /** How many invocations do something. */
  readonly count: number;
  /** Statements of invocation number `i`. */
  body(names: Names<Reads | Writes>): string;
}

const invocations = 64;
/** WebGPU's limit for one axis is 65,535. */
const mostAcross = 32_768;

/** Any number of workgroups over two axes: number y·across + x; those from `count` on have nothing to do. */
export function spread(count: number): Workgroups {
  const across = Math.min(count, mostAcross);
  return [across, Math.ceil(count / across), 1];
}

/** A kernel of so many invocations apart from each other. */
export function kernel<Reads extends string, Writes extends string>({
  label,
  reads,
  writes,
  count,
  body,
}: KernelSpec<Reads, Writes>): Kernel {
  const workgroups = spread(Math.ceil(count / invocations));
  return shader({
    label,
    reads,
    writes,
    workgroups,
    code: (names) => `@compute @workgroup_size(${invocations})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * ${workgroups[0] * invocations}u + id.x;
  if (i >= ${count}u) { return; }
${body(names)}
}`,
  });
}

interface KernelInTurnSpec<Reads extends string, Writes extends string> extends Memory<Reads, Writes> {
  readonly label: string;
  /** How many invocations each of the bodies has. */
  readonly counts: readonly number[];
  /** Statements of invocation number `i` of each. */
  bodies(names: Names<Reads | Writes>): readonly string[];
}

/** A kernel of several bodies, each with workgroups of its own. */
export function kernelInTurn<Reads extends string, Writes extends string>({
  label,
  reads,
  writes,
  counts,
  bodies,
}: KernelInTurnSpec<Reads, Writes>): Kernel {
  let total = 0;
  const ends = counts.map((count) => (total += Math.ceil(count / invocations)));
  const workgroups = spread(total);
  return shader({
    label,
    reads,
    writes,
    workgroups,
    code: (names) => {
      const texts = bodies(names);
      const functions = texts.map(
        (text, k) => `fn body${k}(i: u32) {
  if (i >= ${counts[k]}u) { return; }
${text}
}`,
      );
      const calls = texts.map((_, k) => {
        const first = k === 0 ? 0 : elementAt(ends, k - 1);
        return `if (number < ${ends[k]}u) { body${k}((number - ${first}u) * ${invocations}u + local); }`;
      });
      return `${functions.join("\n")}
@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let number = id.y * ${workgroups[0]}u + id.x;
  ${calls.join("\n  else ")}
}`;
    },
  });
}
