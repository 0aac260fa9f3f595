/** @file An ONNX graph while it is written: nodes, constants, and names that are each taken once. */
import { ELEMENT, type Attributes, type OnnxConstant, type OnnxOperation } from "../../onnx/index.ts";
import { toFloat16 } from "../float16.ts";

/** How weights are stored. What is computed with them is float32. */
export type WeightPrecision = "float32" | "float16";

export class Emitter {
  readonly nodes: OnnxOperation[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #taken: Set<string>;
  readonly #lists = new Map<string, string>();
  readonly #precision: WeightPrecision;

  /** `taken`: names of the graph's inputs and outputs. */
  constructor(taken: readonly string[], precision: WeightPrecision = "float32") {
    this.#taken = new Set(taken);
    this.#precision = precision;
  }

  /** The name itself, or with a number behind it where it is taken. */
  free(name: string): string {
    let found = name;
    for (let i = 2; this.#taken.has(found); i++) found = `${name}_${i}`;
    this.#taken.add(found);
    return found;
  }

  /** Adds a node. Returns the name of its result, a free one like `name`. */
  node(operator: string, inputs: readonly string[], name: string, attributes: Attributes = {}): string {
    const output = this.free(name);
    this.nodes.push({ operator, inputs, output, attributes });
    return output;
  }

  /** Adds numbers. Returns their name. */
  constant(name: string, dims: readonly number[], numbers: OnnxConstant["numbers"]): string {
    const own = this.free(name);
    this.constants.push({ name: own, dims, numbers });
    return own;
  }

  /** Adds a parameter. Matrices and the weights of convolutions are stored as the file's precision says. */
  weight(name: string, dims: readonly number[], numbers: Float32Array): string {
    if (this.#precision === "float32" || dims.length < 2) return this.constant(name, dims, numbers);
    const stored = this.constant(name, dims, toFloat16(numbers));
    return this.node("Cast", [stored], `${stored}.float32`, { to: { int: ELEMENT.float } });
  }

  /** A list of whole numbers, such as a shape; the same list is stored once. */
  list(values: readonly number[]): string {
    return this.#once(`list ${values.join(" ")}`, () =>
      this.constant(
        `list_${values.join("_").replaceAll("-", "m")}`,
        [values.length],
        BigInt64Array.from(values, BigInt),
      ),
    );
  }

  /** A float32 number; the same number is stored once. */
  number(value: number): string {
    return this.#once(`number ${value}`, () => this.constant("number", [], Float32Array.of(value)));
  }

  #once(key: string, make: () => string): string {
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#lists.set(key, made);
    return made;
  }
}
