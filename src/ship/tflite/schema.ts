/** @file What of TFLite's schema (version 3) exports have: fields in the order of their slots, and operators by their numbers. https://github.com/google-ai-edge/LiteRT/blob/main/tflite/converter/schema/schema.fbs */
import type { TableSchema } from "./flatbuffer.ts";

/** The version of the schema, and what a file begins with. */
export const VERSION = 3;
export const IDENTIFIER = "TFL3";

export const tables = {
  Model: {
    version: "uint",
    operator_codes: "tables",
    subgraphs: "tables",
    description: "string",
    buffers: "tables",
    metadata_buffer: "ints",
    metadata: "tables",
    signature_defs: "tables",
  },
  OperatorCode: { deprecated_builtin_code: "byte", custom_code: "string", version: "int", builtin_code: "int" },
  SubGraph: { tensors: "tables", inputs: "ints", outputs: "ints", operators: "tables", name: "string" },
  Tensor: { shape: "ints", type: "byte", buffer: "uint", name: "string", quantization: "table" },
  QuantizationParameters: {
    min: "floats",
    max: "floats",
    scale: "floats",
    zero_point: "longs",
    details_type: "ubyte",
    details: "table",
    quantized_dimension: "int",
  },
  Buffer: { data: "bytes" },
  Operator: {
    opcode_index: "uint",
    inputs: "ints",
    outputs: "ints",
    builtin_options_type: "ubyte",
    builtin_options: "table",
  },
  Metadata: { name: "string", buffer: "uint" },
  SignatureDef: {
    inputs: "tables",
    outputs: "tables",
    signature_key: "string",
    deprecated_tag: "string",
    subgraph_index: "uint",
  },
  TensorMap: { name: "string", tensor_index: "uint" },
} as const satisfies Record<string, TableSchema>;

/** A tensor's type of numbers, by the array that holds them; float16 lies in one of its bits. */
export const elementTypes = { Float32Array: 0, Uint16Array: 1, Int32Array: 2, Int8Array: 9 } as const;

/** What an operator may do to its results at once. */
export const activations = { none: 0, relu: 1, relu6: 3 } as const;
export const paddings = { same: 0, valid: 1 } as const;

/** What an operator is to files: its number, the version that computes int8, and the place and fields of its options. */
export interface OperatorEntry {
  readonly code: number;
  readonly int8?: number;
  readonly options?: readonly [place: number, schema: TableSchema];
}

const conv = { padding: "byte", stride_w: "int", stride_h: "int" } as const;
const dilation = { dilation_w_factor: "int", dilation_h_factor: "int" } as const;
const activation = { fused_activation_function: "byte" } as const;
const pool = { ...conv, filter_width: "int", filter_height: "int", ...activation } as const;
const reducer = [27, { keep_dims: "bool" }] as const;

export const operators = {
  ABS: { code: 101 },
  ADD: { code: 0, int8: 2, options: [11, activation] },
  AVERAGE_POOL_2D: { code: 1, int8: 2, options: [5, pool] },
  CONCATENATION: { code: 2, int8: 2, options: [10, { axis: "int" }] },
  CONV_2D: { code: 3, int8: 3, options: [1, { ...conv, ...activation, ...dilation }] },
  DEPTHWISE_CONV_2D: {
    code: 4,
    int8: 3,
    options: [2, { ...conv, depth_multiplier: "int", ...activation, ...dilation }],
  },
  DEQUANTIZE: { code: 6, int8: 2 },
  DIV: { code: 42, options: [29, activation] },
  EXP: { code: 47 },
  FULLY_CONNECTED: { code: 9, options: [8, { ...activation, weights_format: "byte", keep_num_dims: "bool" }] },
  GELU: { code: 150, options: [116, { approximate: "bool" }] },
  LOG: { code: 73 },
  LOG_SOFTMAX: { code: 50 },
  MAXIMUM: { code: 55 },
  MAX_POOL_2D: { code: 17, int8: 2, options: [5, pool] },
  MEAN: { code: 40, int8: 2, options: reducer },
  MINIMUM: { code: 57 },
  MUL: { code: 18, options: [21, activation] },
  NEG: { code: 59 },
  PAD: { code: 34, int8: 2 },
  PADV2: { code: 60, int8: 2 },
  QUANTIZE: { code: 114 },
  REDUCE_MAX: { code: 82, options: reducer },
  RELU: { code: 19 },
  RELU6: { code: 21 },
  RESHAPE: { code: 22 },
  ROUND: { code: 116 },
  SIGN: { code: 158 },
  SLICE: { code: 65, int8: 2 },
  SQRT: { code: 75 },
  SUB: { code: 41, options: [28, activation] },
  SUM: { code: 74, options: reducer },
  TRANSPOSE: { code: 39, int8: 2 },
} as const satisfies Record<string, OperatorEntry>;

export type OperatorName = keyof typeof operators;
