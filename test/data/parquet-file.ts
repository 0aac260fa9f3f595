/** @file A Parquet file of pictures, as Hugging Face writes them. */
import { parquetWriteBuffer } from "hyparquet-writer";

/** A struct of bytes and path, a label, and in the metadata the names of the classes, if there are any. */
export function parquetFile(
  pictures: readonly Uint8Array[],
  labels: readonly (number | string)[],
  names?: readonly string[],
): Uint8Array {
  const isNumbers = typeof labels[0] === "number";
  const info = { info: { features: { label: { names, _type: "ClassLabel" } } } };
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [
        { name: "root", num_children: 2 },
        { name: "image", repetition_type: "OPTIONAL", num_children: 2 },
        { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
        { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
        isNumbers
          ? { name: "label", type: "INT64", repetition_type: "OPTIONAL" }
          : { name: "label", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      ],
      columnData: [
        { name: "image", data: pictures.map((bytes, i) => ({ bytes: new Uint8Array(bytes), path: `${i}.png` })) },
        { name: "label", data: isNumbers ? labels.map((label) => BigInt(label)) : [...labels] },
      ],
      rowGroupSize: 2,
      ...(names && { kvMetadata: [{ key: "huggingface", value: JSON.stringify(info) }] }),
    }),
  );
}
