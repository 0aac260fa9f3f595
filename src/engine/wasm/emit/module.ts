/** @file A WebAssembly module of functions over one memory, imported or its own. https://webassembly.github.io/spec/core/binary/modules.html */
import { elementAt } from "../../../elements.ts";
import type { MemoryRange } from "../../compiler/memory.ts";
import { encode, exactly, Local, seq, unsigned, type Code, type Tuple, type ValueType } from "./code.ts";

/** `\0asm`, version 1 */
const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const typeByte: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** A function being written: parameters first, then locals as the body asks for them. */
export class FunctionBuilder {
  readonly params: readonly ValueType[];
  readonly #locals: ValueType[] = [];

  constructor(params: readonly ValueType[]) {
    this.params = params;
  }

  param(index: number): Local {
    return new Local(index, elementAt(this.params, index));
  }

  local(type: ValueType): Local {
    this.#locals.push(type);
    return new Local(this.params.length + this.#locals.length - 1, type);
  }

  /** So many locals: a tuple where the number is written down, so that all that are destructured are known to be there. */
  locals<Count extends number>(type: ValueType, count: Count): Tuple<Local, Count> {
    return exactly(
      count,
      Array.from({ length: count }, () => this.local(type)),
    );
  }

  encode(body: Code): Uint8Array {
    // Runs of equal types share an entry.
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const locals = runs.flatMap(({ type, count }) => [...unsigned(count), typeByte[type]]);
    return encode(seq(unsigned(runs.length), locals, body, [0x0b]));
  }
}

/** Part of a module. */
type Bytes = readonly number[] | Uint8Array;

interface ModuleFunction {
  /** Index of its type. */
  readonly type: number;
  readonly body: Uint8Array;
  readonly exported: string | null;
  readonly name: string;
}

/** A network for one image as a module that imports nothing, and where in its memory what is. */
export interface NetworkModule<Weights extends ArrayBufferView = ArrayBufferView> {
  /** What lies in the ranges, one after the other. */
  readonly weights: Weights;
  readonly ranges: readonly MemoryRange[];
  /** One image, normalised, in float32, its channels last: [height, width, channels]. */
  readonly input: MemoryRange;
  /** The logits, in float32. */
  readonly output: MemoryRange;
  /**
   * The module's bytes; `about` is what its custom section `limbeck` holds. It exports `memory`; `prepare()`, to be called once, when
   * the weights are in their ranges; and `run()`, which computes `output` from `input`.
   */
  encode(about: string): Uint8Array<ArrayBuffer>;
}

/** The functions of a module in the order they were added; their indices are what `call` takes. */
export class ModuleBuilder {
  readonly #functions: ModuleFunction[] = [];
  /** Types by their parameters, numbered in the order they came. */
  readonly #types = new Map<string, { readonly index: number; readonly params: readonly ValueType[] }>();
  /** Functions that may be shared, by type and body. */
  readonly #shared = new Map<string, number>();

  /** Adds a function without a result and returns its index. `name` is for debuggers and traces of the stack. */
  add(
    params: readonly ValueType[],
    write: (f: FunctionBuilder) => Code,
    { exported = null, name = exported ?? "" }: { readonly exported?: string | null; readonly name?: string } = {},
  ): number {
    return this.#push(this.#write(params, write), exported, name);
  }

  /** As `add`, unless a function that was shared before does the same, byte for byte: then its index. */
  share(params: readonly ValueType[], write: (f: FunctionBuilder) => Code, name: string): number {
    const written = this.#write(params, write);
    // Every byte has a character of its own.
    const key = `${written.type} ${new TextDecoder("latin1").decode(written.body)}`;
    const known = this.#shared.get(key) ?? this.#push(written, null, name);
    this.#shared.set(key, known);
    return known;
  }

  /** The module's bytes. It imports `env.memory` of these sizes in 64 KiB pages. */
  encode(memory: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }): Uint8Array<ArrayBuffer> {
    const limits = [memory.shared ? 3 : 1, ...unsigned(memory.initial), ...unsigned(memory.maximum)];
    // The standard's custom section of names: its part 1 has those of functions.
    const names = section(1, vector(this.#functions.map(({ name }, i) => [...unsigned(i), ...text(name)])));
    return join([
      header,
      ...this.#typeSection(),
      ...section(2, vector([[...text("env"), ...text("memory"), 2, ...limits]])),
      ...this.#declarations(),
      ...section(7, vector(this.#exports())),
      ...this.#bodies(),
      ...section(0, [text("name"), ...names]),
    ]);
  }

  /**
   * The bytes of a module that imports nothing: its memory is its own, of so many 64 KiB pages, and exported as `memory`. A custom
   * section `limbeck` holds `about`; functions go without names.
   */
  encodeAlone({ pages, about }: { readonly pages: number; readonly about: string }): Uint8Array<ArrayBuffer> {
    return join([
      header,
      ...this.#typeSection(),
      ...this.#declarations(),
      ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
      ...section(7, vector([...this.#exports(), [...text("memory"), 2, 0]])),
      ...this.#bodies(),
      ...section(0, [text("limbeck"), new TextEncoder().encode(about)]),
    ]);
  }

  #write(params: readonly ValueType[], write: (f: FunctionBuilder) => Code): Pick<ModuleFunction, "type" | "body"> {
    const builder = new FunctionBuilder(params);
    const body = builder.encode(write(builder));
    const key = params.join();
    const type = this.#types.get(key) ?? { index: this.#types.size, params };
    this.#types.set(key, type);
    return { type: type.index, body };
  }

  #push(written: Pick<ModuleFunction, "type" | "body">, exported: string | null, name: string): number {
    return this.#functions.push({ ...written, exported, name }) - 1;
  }

  #typeSection(): Bytes[] {
    const types = [...this.#types.values()].map(({ params }) => params);
    return section(
      1,
      vector(types.map((params) => [0x60, ...unsigned(params.length), ...params.map((type) => typeByte[type]), 0])),
    );
  }

  #declarations(): Bytes[] {
    return section(3, vector(this.#functions.map(({ type }) => unsigned(type))));
  }

  #exports(): number[][] {
    return this.#functions.flatMap(({ exported }, i) => (exported ? [[...text(exported), 0, ...unsigned(i)]] : []));
  }

  #bodies(): Bytes[] {
    return section(
      10,
      vector(
        this.#functions.flatMap(({ body }) => [unsigned(body.length), body]),
        this.#functions.length,
      ),
    );
  }
}

/** How many items, and the items. */
function vector(items: readonly Bytes[], count: number = items.length): Bytes[] {
  return [unsigned(count), ...items];
}

/** A section's number, how long it is, and what it holds. */
function section(id: number, content: readonly Bytes[]): Bytes[] {
  return [[id, ...unsigned(content.reduce((sum, part) => sum + part.length, 0))], ...content];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

function join(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
