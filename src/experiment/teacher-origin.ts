/** @file What a record says of a teacher that is known by its outputs. */
import type { Preprocessing } from "../teachers/index.ts";

/** Where a teacher comes from, for the record. */
export interface TeacherOrigin {
  /** Its path. */
  readonly file: string;
  readonly sha256: string;
  /** What it is: an ONNX file, logits computed elsewhere, or weights of a network of Limbeck's. */
  readonly kind: "onnx" | "logits" | "weights";
  /** What runs an ONNX file, and why it was not imported. */
  readonly runner?: "import" | "onnxruntime";
  readonly notImported?: string;
  /** Operators at the end of the graph that were left out, since methods want logits. */
  readonly leftOut?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

/** Who runs an ONNX file that is not imported, and why. */
export function runnerNote(
  file: string,
  { runner, notImported }: Pick<TeacherOrigin, "runner" | "notImported">,
): string[] {
  if (runner !== "onnxruntime") return [];
  return [
    notImported === undefined
      ? `${file} is run by ONNX Runtime, as its options say`
      : `${file} is run by ONNX Runtime, because it cannot be imported: ${notImported}`,
  ];
}
