/** @file What a model card begins with on the Hugging Face hub. https://huggingface.co/docs/hub/model-cards#model-card-metadata */
import { stringify } from "yaml";
import { measuredOf, type ExportRecord } from "./record.ts";

/** What of it only the caller knows. */
export interface FrontMatterOptions {
  /** An identifier of the hub, such as `mit`. */
  readonly license?: string | undefined;
}

/** The metadata as YAML between two lines of dashes. */
export function frontMatter(record: ExportRecord, { license }: FrontMatterOptions = {}): string {
  const { name, origin, check } = record;
  const { teachers = [], dataset } = origin.hub ?? {};
  const measured = measuredOf(record).flatMap(({ precision, check: { accuracy } }) =>
    accuracy ? [{ type: "accuracy", name: `Accuracy, ${precision}, %`, value: Number(accuracy.after.toFixed(2)) }] : [],
  );
  const results = {
    name,
    results: [
      {
        task: { type: "image-classification", name: "Image classification" },
        dataset: { type: dataset ?? "images", name: check.source, split: "test" },
        metrics: measured,
      },
    ],
  };
  const fields = {
    ...(license !== undefined && { license }),
    library_name: "transformers.js",
    pipeline_tag: "image-classification",
    tags: ["image-classification", "onnx", "limbeck"],
    ...(teachers.length > 0 && { base_model: teachers.length === 1 ? teachers[0] : teachers }),
    ...(dataset !== undefined && { datasets: [dataset] }),
    ...(measured.length > 0 && { "model-index": [results] }),
  };
  return `---\n${stringify(fields)}---\n\n`;
}
