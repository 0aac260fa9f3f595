/** @file What a network costs to keep and to run, counted from the network itself. */
import type { Model } from "../models/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";
import { bytes, millions } from "../report/format.ts";
import { weightsFileBytes } from "../weights/index.ts";

export interface ModelCost {
  readonly classes: number;
  readonly parameters: number;
  /** Of one image. */
  readonly multiplyAdds: number;
  readonly fileBytes: number;
}

export function costOf(model: Model): ModelCost {
  const { module, inputShape, classes } = model;
  return {
    classes,
    parameters: countParameters(module),
    multiplyAdds: countMultiplyAdds(module, inputShape),
    fileBytes: weightsFileBytes(model),
  };
}

/** `0.268 M parameters, 1.3 M multiply-adds of one image, a file of 1.07 MB; with 10 classes` */
export function costLine({ classes, parameters, multiplyAdds, fileBytes }: ModelCost): string {
  const computed = `${millions(multiplyAdds)} multiply-adds of one image`;
  return `${millions(parameters)} parameters, ${computed}, a file of ${bytes(fileBytes)}; with ${classes} classes`;
}

/** The figures of several networks, a heading first, as columns of one width. */
export function costColumns(costs: readonly ModelCost[]): string[] {
  const rows = [
    ["parameters", "multiply-adds", "file"],
    ...costs.map((cost) => [millions(cost.parameters), millions(cost.multiplyAdds), bytes(cost.fileBytes)]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((text, column) => text.padStart(widths[column]!)).join("  "));
}
