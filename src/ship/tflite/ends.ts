/** @file What the numbers at both ends of a TFLite file stand for, as the file says. */
import type { Quantisation } from "../../engine/int8/network.ts";
import type { TableSchema } from "./flatbuffer.ts";
import { tables } from "./schema.ts";

/** Of its first input and output; `undefined` for float32. */
export function endsOf(bytes: Uint8Array): Readonly<Record<"input" | "output", Quantisation | undefined>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const followed = (at: number): number => at + view.getUint32(at, true);
  /** What a table's field refers to; `undefined` where it has none. */
  const fieldOf = (schema: TableSchema, table: number, name: string): number | undefined => {
    const slots = table - view.getInt32(table, true);
    const slot = 4 + 2 * Object.keys(schema).indexOf(name);
    const offset = slot < view.getUint16(slots, true) ? view.getUint16(slots + slot, true) : 0;
    return offset === 0 ? undefined : followed(table + offset);
  };
  /** Where an element of a list is; the first, or one of tables and whole numbers. */
  const elementOf = (schema: TableSchema, table: number, name: string, index = 0): number =>
    fieldOf(schema, table, name)! + 4 + 4 * index;
  const graph = followed(elementOf(tables.Model, followed(0), "subgraphs"));
  const end = (name: "inputs" | "outputs"): Quantisation | undefined => {
    const index = view.getUint32(elementOf(tables.SubGraph, graph, name), true);
    const tensor = followed(elementOf(tables.SubGraph, graph, "tensors", index));
    const quantisation = fieldOf(tables.Tensor, tensor, "quantization");
    if (quantisation === undefined) return undefined;
    const numbers = (field: string): number => elementOf(tables.QuantizationParameters, quantisation, field);
    return {
      scale: view.getFloat32(numbers("scale"), true),
      zero: Number(view.getBigInt64(numbers("zero_point"), true)),
    };
  };
  return { input: end("inputs"), output: end("outputs") };
}
