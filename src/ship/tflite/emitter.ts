/** @file A TFLite model while it is written: tensors, the buffers of those that are constant, operators. */
import { elementAt } from "../../elements.ts";
import type { Quantisation } from "../../engine/int8/network.ts";
import { toFloat16 } from "../float16.ts";
import type { WeightPrecision } from "../onnx/emitter.ts";
import { PIXEL_VALUES, LOGITS } from "../exported-network.ts";
import { flatbuffer, row, type FieldValue, type Row } from "./flatbuffer.ts";
import {
  activations,
  elementTypes,
  IDENTIFIER,
  operators,
  tables,
  VERSION,
  type OperatorEntry,
  type OperatorName,
} from "./schema.ts";

/** A tensor of the file. */
export interface Value {
  readonly at: number;
  /** With channels last where there are four sizes. */
  readonly shape: readonly number[];
  readonly type: keyof typeof elementTypes;
  /** What an int8 q stands for: scale·(q - zero), with zero from -128 to 127. */
  readonly quantisation?: Quantisation | undefined;
}

/** What an operator's result is. */
export interface Result {
  readonly shape: readonly number[];
  readonly name: string;
  /** Float32 by default. */
  readonly type?: Value["type"];
  readonly quantisation?: Quantisation | undefined;
  readonly options?: Readonly<Record<string, FieldValue>>;
  /** The operator's version, where it is not the one that computes this type. */
  readonly version?: number;
}

interface Operator {
  readonly name: OperatorName;
  readonly version: number;
  readonly inputs: readonly number[];
  readonly output: number;
  options: Readonly<Record<string, FieldValue>>;
}

export class Emitter {
  readonly #precision: WeightPrecision;
  readonly #tensors: Row[] = [];
  /** The first is empty: it is that of all that is computed. */
  readonly #buffers: Uint8Array[] = [new Uint8Array()];
  readonly #operators: Operator[] = [];
  readonly #lists = new Map<string, Value>();

  constructor(precision: WeightPrecision = "float32") {
    this.#precision = precision;
  }

  /** A tensor that is given or computed. */
  tensor(name: string, shape: readonly number[], type: Value["type"], quantisation?: Quantisation): Value {
    const { scale, zero } = quantisation ?? {};
    const quantization =
      scale === undefined
        ? undefined
        : row(tables.QuantizationParameters, { scale: Float32Array.of(scale), zero_point: [zero!] });
    return this.#added({ name, shape, type, quantization, buffer: 0 }, quantisation);
  }

  /** Numbers; `scales`: of each size of the axis, where they stand for others. */
  constant(
    name: string,
    shape: readonly number[],
    numbers: Float32Array | Int32Array | Int8Array | Uint16Array,
    scaled?: { readonly scales: Float32Array; readonly axis: number; readonly zero?: number },
  ): Value {
    const buffer = this.#buffers.push(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)) - 1;
    const quantization =
      scaled &&
      row(tables.QuantizationParameters, {
        scale: scaled.scales,
        zero_point: Array.from(scaled.scales, () => scaled.zero ?? 0),
        quantized_dimension: scaled.axis,
      });
    const type = numbers.constructor.name as Value["type"];
    return this.#added({ name, shape, type, quantization, buffer });
  }

  /** A layer's weight, stored as the file's precision says, and computed with as float32. */
  weight(name: string, shape: readonly number[], numbers: Float32Array): Value {
    if (this.#precision === "float32") return this.constant(name, shape, numbers);
    const stored = this.constant(`${name}.float16`, shape, toFloat16(numbers));
    return this.operator("DEQUANTIZE", [stored], { shape, name, version: 3 });
  }

  /** A list of whole numbers, such as a shape; the same list is stored once. */
  list(numbers: readonly number[], shape: readonly number[] = [numbers.length]): Value {
    const key = `${shape.join("x")} ${numbers.join(" ")}`;
    const made = this.#lists.get(key) ?? this.constant(`list_${key}`, shape, Int32Array.from(numbers));
    this.#lists.set(key, made);
    return made;
  }

  /** Adds an operator. Returns its result. */
  operator(name: OperatorName, inputs: readonly Value[], result: Result): Value {
    const entry: OperatorEntry = operators[name];
    const { shape, type = "Float32Array", quantisation, options = {} } = result;
    const isInt8 = elementAt(inputs, 0).type === "Int8Array";
    const version = result.version ?? (isInt8 ? (entry.int8 ?? 1) : 1);
    const value = this.tensor(result.name, shape, type, quantisation);
    this.#operators.push({ name, version, inputs: inputs.map(({ at }) => at), output: value.at, options });
    return value;
  }

  /** Lets the operator that made x do this too, where it can. Returns whether it does. */
  activates(x: Value, activation: keyof typeof activations): boolean {
    const last = this.#operators.find(({ output }) => output === x.at);
    if (!last || last.options["fused_activation_function"] !== activations.none) return false;
    last.options = { ...last.options, fused_activation_function: activations[activation] };
    return true;
  }

  /** The file. `metadata`: a FlatBuffer that describes it. */
  model(name: string, input: Value, output: Value, metadata: Uint8Array): Uint8Array<ArrayBuffer> {
    const codes = [...new Map(this.#operators.map((each) => [codeOf(each), each])).values()];
    const places = new Map(codes.map((each, place) => [codeOf(each), place]));
    const buffers = [...this.#buffers, metadata];
    const size = buffers.reduce((sum, { length }) => sum + length + 64, 0);
    const root = row(tables.Model, {
      version: VERSION,
      operator_codes: codes.map(({ name, version }) => {
        const { code } = operators[name];
        return row(tables.OperatorCode, { deprecated_builtin_code: Math.min(code, 127), version, builtin_code: code });
      }),
      subgraphs: [
        row(tables.SubGraph, {
          tensors: this.#tensors.map((tensor, at) => (at === output.at ? named(tensor, LOGITS) : tensor)),
          inputs: [input.at],
          outputs: [output.at],
          operators: this.#operators.map((each) => operatorRow(each, places.get(codeOf(each))!)),
          name: "main",
        }),
      ],
      description: name,
      buffers: buffers.map((data) => row(tables.Buffer, data.length === 0 ? {} : { data })),
      metadata: [row(tables.Metadata, { name: "TFLITE_METADATA", buffer: buffers.length - 1 })],
      signature_defs: [
        row(tables.SignatureDef, {
          inputs: [row(tables.TensorMap, { name: PIXEL_VALUES, tensor_index: input.at })],
          outputs: [row(tables.TensorMap, { name: LOGITS, tensor_index: output.at })],
          signature_key: "serving_default",
          subgraph_index: 0,
        }),
      ],
    });
    return flatbuffer(root, IDENTIFIER, 2 * size);
  }

  #added(
    tensor: Pick<Value, "shape" | "type"> & {
      readonly name: string;
      readonly quantization: Row | undefined;
      readonly buffer: number;
    },
    quantisation?: Quantisation,
  ): Value {
    const { shape, type } = tensor;
    const at = this.#tensors.push(row(tables.Tensor, { ...tensor, type: elementTypes[type] })) - 1;
    return { at, shape, type, quantisation };
  }
}

function named({ fields }: Row, name: string): Row {
  return row(tables.Tensor, { ...fields, name });
}

function codeOf({ name, version }: Operator): string {
  return `${name} ${version}`;
}

function operatorRow({ name, inputs, output, options }: Operator, place: number): Row {
  const entry: OperatorEntry = operators[name];
  const [type, schema] = entry.options ?? [];
  return row(tables.Operator, {
    opcode_index: place,
    inputs,
    outputs: [output],
    ...(schema && { builtin_options_type: type, builtin_options: row(schema, options) }),
  });
}
