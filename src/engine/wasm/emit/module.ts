/** @file A WebAssembly module of functions over one memory, imported or its own. https://webassembly.github.io/spec/core/binary/modules.html */
import { exactly, unsigned, type Code, type Local, type Tuple, type ValueType } from "./code.ts";

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
    return { index, type: this.params[index]! };
  }

  local(type: ValueType): Local {
    this.#locals.push(type);
    return { index: this.params.length + this.#locals.length - 1, type };
  }

  /** So many locals: a tuple where the number is written down, so that all that are destructured are known to be there. */
  locals<Count extends number>(type: ValueType, count: Count): Tuple<Local, Count> {
    return exactly(
      count,
      Array.from({ length: count }, () => this.local(type)),
    );
  }

  encode(body: Code): number[] {
    // Runs of equal types share an entry.
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const entry = [...vector(runs.map(({ type, count }) => [...unsigned(count), typeByte[type]])), ...body, 0x0b];
    return [...unsigned(entry.length), ...entry];
  }
}

/** The functions of a module in the order they were added; their indices are what `call` takes. */
export class ModuleBuilder {
  readonly #functions: { params: readonly ValueType[]; body: number[]; exported: string | null; name: string }[] = [];

  /** Adds a function without a result and returns its index. `name` is for debuggers and traces of the stack. */
  add(
    params: readonly ValueType[],
    write: (f: FunctionBuilder) => Code,
    { exported = null, name = exported ?? "" }: { readonly exported?: string | null; readonly name?: string } = {},
  ): number {
    const builder = new FunctionBuilder(params);
    const body = write(builder);
    this.#functions.push({ params, body: builder.encode(body), exported, name });
    return this.#functions.length - 1;
  }

  /** The module's bytes. It imports `env.memory` of these sizes in 64 KiB pages. */
  encode(memory: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }): Uint8Array<ArrayBuffer> {
    const limits = [memory.shared ? 3 : 1, ...unsigned(memory.initial), ...unsigned(memory.maximum)];
    return Uint8Array.from([
      ...header,
      ...this.#types(),
      ...section(2, vector([[...text("env"), ...text("memory"), 2, ...limits]])),
      ...this.#declarations(),
      ...section(7, vector(this.#exports())),
      ...this.#bodies(),
      // The standard's custom section of names: its part 1 has those of functions.
      ...customSection(
        "name",
        section(1, vector(this.#functions.map(({ name }, i) => [...unsigned(i), ...text(name)]))),
      ),
    ]);
  }

  /**
   * The bytes of a module that imports nothing: its memory is its own, of so many 64 KiB pages, and exported as `memory`. A custom
   * section `limbeck` holds `about`; functions go without names.
   */
  encodeAlone({ pages, about }: { readonly pages: number; readonly about: string }): Uint8Array<ArrayBuffer> {
    return Uint8Array.from([
      ...header,
      ...this.#types(),
      ...this.#declarations(),
      ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
      ...section(7, vector([...this.#exports(), [...text("memory"), 2, 0]])),
      ...this.#bodies(),
      ...customSection("limbeck", [...new TextEncoder().encode(about)]),
    ]);
  }

  #types(): number[] {
    return section(
      1,
      vector(this.#functions.map(({ params }) => [0x60, ...vector(params.map((type) => [typeByte[type]])), 0])),
    );
  }

  /** Which type each function has: its own. */
  #declarations(): number[] {
    return section(3, vector(this.#functions.map((_, i) => unsigned(i))));
  }

  #exports(): number[][] {
    return this.#functions.flatMap(({ exported }, i) => (exported ? [[...text(exported), 0, ...unsigned(i)]] : []));
  }

  #bodies(): number[] {
    return section(10, vector(this.#functions.map(({ body }) => body)));
  }
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function customSection(name: string, content: readonly number[]): number[] {
  return section(0, [...text(name), ...content]);
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}
