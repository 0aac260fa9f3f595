/** @file Where a teacher that is no run's network comes from, in words. */
import type { Results } from "../experiment/record.ts";

type Origin = NonNullable<Results["teachers"]>[number];

/** A fact for each teacher: its file with its checksum, what runs it and why, and how pictures are made ready for it. */
export function teacherFacts(teachers: Results["teachers"] = []): readonly (readonly [string, string])[] {
  return teachers.map((teacher, i) => [teachers.length === 1 ? "Teacher" : `Teacher ${i + 1}`, originOf(teacher)]);
}

function originOf({ file, sha256, kind, runner, notImported, leftOut, preprocessing }: Origin): string {
  const what = { onnx: "an ONNX file", logits: "logits that were computed elsewhere", weights: "weights of a network" }[
    kind
  ];
  const sentences = [`${file}, ${what}, SHA-256 ${sha256}`];
  if (runner === "import") sentences.push("imported: it runs as a network of Limbeck's");
  if (runner === "onnxruntime")
    sentences.push(
      `run by ONNX Runtime${notImported === undefined ? "" : `, because it cannot be imported (${notImported})`}`,
    );
  if (leftOut) sentences.push(`left out at its end: ${leftOut.join(", ")}`);
  if (preprocessing) {
    const { inputShape, resize, interpolation, range, mean, std, channelOrder } = preprocessing;
    const to = typeof resize === "number" ? `shorter side ${resize}` : resize.join(" x ");
    sentences.push(
      `it sees pictures resized to ${to} (${interpolation}), the middle [${inputShape.join(", ")}] cut out, in ${channelOrder}, from 0 to ${range}, ` +
        `mean ${mean.join(", ")}, deviation ${std.join(", ")}`,
    );
  }
  return `${sentences.join(". ")}.`;
}
