/** @file One node being recorded: its inputs and attributes as an operator wants them, and errors that say where. */
import { LimbeckError } from "../errors.ts";
import { formatShape, state, type Shape, type Tensor } from "../tensor/index.ts";
import { FIRST, isSamePlace, type ImageAxis, type Placed } from "./image-axis.ts";
import { shownName, type Attribute, type OnnxNode } from "./model-proto.ts";
import { damaged } from "./protobuf.ts";
import { tensorOfOne, type Value } from "./value.ts";

/** Where a call stands. */
export interface Setting {
  /** Names the file in messages. */
  readonly source: string;
  readonly opset: number;
  /** Images of the batch that is recorded. */
  readonly batch: number;
  /** How many images the file was written for, where it says a number. */
  readonly fileBatch: number | undefined;
  /** What Reshape made of each value when the graph was first recorded: of another number of images, the same. */
  readonly reshaped: Map<OnnxNode, Placed>;
  /** Numbers that operators computed from attributes and shapes, by name. */
  readonly made: Map<string, Made>;
}

/** A state of the network that is in no file. */
export interface Made {
  readonly tensor: Tensor;
  readonly values: Float32Array;
}

/** What an operator records of a node: one result, or one for each of its outputs. */
export type Operator = (call: Call) => Value | readonly Value[];

/** A node, and the values of its inputs. */
export class Call {
  readonly node: OnnxNode;
  readonly inputs: readonly (Value | undefined)[];
  readonly setting: Setting;
  readonly #read = new Set<string>();

  constructor(node: OnnxNode, inputs: readonly (Value | undefined)[], setting: Setting) {
    this.node = node;
    this.inputs = inputs;
    this.setting = setting;
  }

  /** Whether any input depends on the images. */
  get isActive(): boolean {
    return this.inputs.some((value) => value?.kind === "activation");
  }

  /** Where the inputs have the images. Throws UNSUPPORTED where they differ. */
  get images(): ImageAxis {
    const [first = FIRST, ...others] = this.inputs.flatMap((value) =>
      value?.kind === "activation" ? value.images : [],
    );
    if (others.every((each) => isSamePlace(each, first))) return first;
    return this.unsupported("its inputs have the images of a batch along different axes");
  }

  /** Throws UNSUPPORTED where the inputs have the images along this axis. */
  checkApart(axis: number, what: string): void {
    if (this.isActive && this.images.axis === axis) this.unsupported(what);
  }

  /** A state of the network that holds these numbers, the same one in each recording. */
  state(what: string, shape: Shape, values: () => Float32Array): Tensor {
    const name = `${this.node.outputs[0] ?? ""} (${what})`;
    const made = this.setting.made.get(name) ?? { tensor: state(name, shape), values: values() };
    this.setting.made.set(name, made);
    return made.tensor;
  }

  /** The input, whatever it is. Throws WEIGHTS where it is left out. */
  value(i: number): Value {
    return this.inputs[i] ?? this.damaged(`should have an input ${i}`);
  }

  /** The input as a tensor with the images along axis 0. Throws UNSUPPORTED for a list of numbers. */
  tensor(i: number): Tensor {
    const value = this.inputs[i];
    if (value?.kind === "activation" && !isSamePlace(value.images, FIRST))
      return this.unsupported(`input ${i} has the images of a batch along axis ${value.images.axis}, between others`);
    return this.anywhere(i);
  }

  /** The input as a tensor, wherever it has the images. Throws UNSUPPORTED for a list of numbers. */
  anywhere(i: number): Tensor {
    const value = this.value(i);
    if (value.kind !== "numbers") return value.tensor;
    return value.values.length === 1 ? tensorOfOne(value) : this.unsupported(`input ${i} is a list of numbers`);
  }

  /** The input as a tensor with these axes. Throws UNSUPPORTED. */
  tensorOf(i: number, rank: number): Tensor {
    const tensor = this.tensor(i);
    if (tensor.shape.length === rank) return tensor;
    return this.unsupported(`input ${i} has ${tensor.shape.length} axes, not ${rank}, ${formatShape(tensor.shape)}`);
  }

  /** A tensor that does not depend on the images, `undefined` where the input is left out. Throws UNSUPPORTED. */
  weight(i: number): Tensor | undefined {
    const value = this.inputs[i];
    if (value?.kind === "activation") return this.unsupported(`input ${i} depends on the images`);
    return value && this.tensor(i);
  }

  /** The numbers of an input that is known now, `undefined` where it is left out. Throws UNSUPPORTED. */
  numbers(i: number): readonly number[] | undefined {
    const value = this.inputs[i];
    if (!value || value.kind === "numbers") return value?.values;
    return this.unsupported(`input ${i} is computed while the network runs`);
  }

  int(name: string, otherwise: number): number {
    const value = this.#attribute(name) ?? otherwise;
    return Number.isSafeInteger(value) ? (value as number) : this.damaged(`attribute ${name} should be a whole number`);
  }

  float(name: string, otherwise: number): number {
    const value = this.#attribute(name) ?? otherwise;
    return typeof value === "number" ? value : this.damaged(`attribute ${name} should be a number`);
  }

  text(name: string, otherwise: string): string {
    const value = this.#attribute(name) ?? otherwise;
    return typeof value === "string" ? value : this.damaged(`attribute ${name} should be text`);
  }

  ints(name: string): readonly number[] | undefined {
    const value = this.#attribute(name);
    if (value === undefined) return undefined;
    const isList = Array.isArray(value) && value.every((each) => Number.isSafeInteger(each));
    return isList ? (value as readonly number[]) : this.damaged(`attribute ${name} should be whole numbers`);
  }

  /** Two whole numbers within bounds, of height and width. Throws WEIGHTS. */
  pair(name: string, otherwise: number, least: number): readonly [number, number] {
    const [height, width, ...others] = this.ints(name) ?? [otherwise, otherwise];
    const isPair = height !== undefined && width !== undefined && others.length === 0;
    if (isPair && [height, width].every((size) => size >= least && size <= LARGEST)) return [height, width];
    return this.unsupported(
      `attribute ${name} should be two whole numbers, of height and width, from ${least} to ${LARGEST}`,
    );
  }

  attribute(name: string): Attribute | undefined {
    return this.#attribute(name);
  }

  /** Attributes that change nothing in what is recorded. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Throws UNSUPPORTED for an attribute that nothing asked for: what it means would be left out. */
  checkRead(): void {
    const unread = [...this.node.attributes.keys()].find((name) => !this.#read.has(name));
    if (unread !== undefined) this.unsupported(`attribute ${shownName(unread)} is not known`);
  }

  /** An axis of a value with so many, counted from 0. Throws WEIGHTS. */
  axis(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    return counted >= 0 && counted < rank ? counted : this.damaged(`axis ${axis} should be one of ${rank} axes`);
  }

  unsupported(problem: string): never {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${this.#where}: ${problem}; it cannot be imported, run the file by onnxruntime-node`,
    );
  }

  damaged(problem: string): never {
    return damaged(this.setting, this.node.at, `${this.#title} ${problem}`);
  }

  /** What `record` gives; an error of Limbeck's with the node in front. */
  located<Result>(record: () => Result): Result {
    try {
      return record();
    } catch (error) {
      if (!(error instanceof LimbeckError) || error.message.startsWith(this.setting.source)) throw error;
      throw new LimbeckError("UNSUPPORTED", `${this.#where}: ${error.message}`, { cause: error });
    }
  }

  get #where(): string {
    return `${this.setting.source}: ${this.#title}`;
  }

  get #title(): string {
    return `${this.node.op} ${shownName(this.node.name || (this.node.outputs[0] ?? ""))}`;
  }

  #attribute(name: string): Attribute | undefined {
    this.#read.add(name);
    return this.node.attributes.get(name);
  }
}

/** The largest window, step or border: larger ones are damage. */
const LARGEST = 2 ** 14;
