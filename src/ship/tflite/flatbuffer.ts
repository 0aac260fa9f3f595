/** @file Tables of fields as a FlatBuffer: what a file has is data, its layout is written from a schema that is data as well. https://flatbuffers.dev */
import { Builder } from "flatbuffers";

/** What a field holds; a union is two fields, an `ubyte` that says which table it is, and the `table`. */
export type FieldType =
  | "bool"
  | "byte"
  | "ubyte"
  | "int"
  | "uint"
  | "string"
  | "strings"
  | "bytes"
  | "ints"
  | "floats"
  | "longs"
  | "table"
  | "tables";

/** The fields of a table, in the order of their slots. */
export type TableSchema = Readonly<Record<string, FieldType>>;

/** A table to be written. */
export interface Row {
  readonly schema: TableSchema;
  readonly fields: Readonly<Record<string, FieldValue | undefined>>;
}

export type FieldValue =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly number[]
  | Float32Array
  | Row
  | readonly Row[];

/** A table of these fields; those that are left out have the schema's defaults. */
export function row<Schema extends TableSchema>(
  schema: Schema,
  fields: { readonly [Name in keyof Schema]?: FieldValue | undefined },
): Row {
  return { schema, fields };
}

/** The alignment of numbers that others map into their memory. */
const ALIGNMENT = 16;

/** The bytes of a FlatBuffer with this table as its root, and the four letters that say what it is. `size`: about how many bytes it has. */
export function flatbuffer(root: Row, identifier: string, size = 1024): Uint8Array<ArrayBuffer> {
  const builder = new Builder(size);
  builder.forceDefaults(true);
  builder.finish(written(builder, root), identifier);
  return Uint8Array.from(builder.asUint8Array());
}

/** Where it lies. */
function written(builder: Builder, { schema, fields }: Row): number {
  const types = Object.entries(schema);
  // What fields refer to has to be there before the table is begun.
  const values = types.map(([name, type]) => {
    const value = fields[name];
    return value === undefined ? undefined : (referred[type]?.(builder, value as never) ?? Number(value));
  });
  builder.startObject(types.length);
  for (const [slot, [, type]] of types.entries()) {
    const value = values[slot];
    if (value === undefined) continue;
    if (referred[type]) builder.addFieldOffset(slot, value, 0);
    else if (type === "int" || type === "uint") builder.addFieldInt32(slot, value, 0);
    else builder.addFieldInt8(slot, value, 0);
  }
  return builder.endObject();
}

/** How what a field only refers to is written. Returns where it lies. */
const referred: { readonly [Type in FieldType]?: (builder: Builder, value: never) => number } = {
  string: (builder, text: string) => builder.createString(text),
  table: (builder, table: Row) => written(builder, table),
  tables: (builder, tables: readonly Row[]) => {
    const offsets = tables.map((table) => written(builder, table));
    return vector(builder, 4, offsets, (offset) => builder.addOffset(offset));
  },
  ints: (builder, list: readonly number[]) => vector(builder, 4, list, (each) => builder.addInt32(each)),
  floats: (builder, list: Float32Array) => vector(builder, 4, [...list], (each) => builder.addFloat32(each)),
  longs: (builder, list: readonly number[]) => vector(builder, 8, list, (each) => builder.addInt64(BigInt(each))),
  bytes: (builder, bytes: Uint8Array) => {
    builder.prep(ALIGNMENT, bytes.length);
    return builder.createByteVector(bytes);
  },
};

function vector(builder: Builder, size: number, list: readonly number[], add: (each: number) => void): number {
  builder.startVector(size, list.length, size);
  for (const each of list.toReversed()) add(each);
  return builder.endVector();
}
