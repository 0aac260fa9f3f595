/** @file The numbers of the fields that ONNX files are made of, message by message. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */

export const MODEL = { irVersion: 1, producer: 2, producerVersion: 3, graph: 7, operators: 8, metadata: 14 } as const;
/** Which version of which operators. */
export const OPERATORS = { domain: 1, version: 2 } as const;
export const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12, sparse: 15 } as const;
export const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 } as const;
export const ATTRIBUTE = { name: 1, float: 2, int: 3, text: 4, tensor: 5, floats: 7, ints: 8, type: 20 } as const;
export const TENSOR = {
  dims: 1,
  type: 2,
  segment: 3,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  external: 13,
  location: 14,
} as const;
export const VALUE = { name: 1, type: 2 } as const;
/** Of a value's type, the one of tensors. */
export const TYPE = { tensor: 1 } as const;
export const TENSOR_TYPE = { element: 1, shape: 2 } as const;
export const SHAPE = { size: 1 } as const;
/** A size is a number, or has a name. */
export const SIZE = { value: 1, name: 2 } as const;
/** A key and its value. */
export const ENTRY = { key: 1, value: 2 } as const;

/** Fields of an attribute that no operator here reads: graphs, types, sparse tensors, and lists of tensors and text. */
export const ATTRIBUTE_OTHERS: readonly number[] = [6, 9, 10, 11, 14, 15, 22, 23];

/** Types of an attribute. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** Types of a tensor's elements. */
export const ELEMENT = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  bfloat16: 16,
} as const;
