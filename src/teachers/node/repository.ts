/** @file Repositories of models: which of a repository's ONNX files is meant, and where the files lie that describe it. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LimbeckError } from "../../errors.ts";

/** Of transformers.js, in the order in which they are taken: the ending of the file's name for each precision. */
const precisions = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
} as const satisfies Record<string, string>;

/** Files that describe an ONNX file. */
export const describing = ["preprocessor_config.json", "config.json"] as const;

/** Where these may lie: beside the file, or one folder above its folder `onnx`. The first that is there counts. */
export function describingPlaces(path: string, name: (typeof describing)[number]): readonly string[] {
  const folder = dirname(path);
  return [join(folder, name), ...(basename(folder) === "onnx" ? [join(dirname(folder), name)] : [])];
}

/** Whether it is a folder that holds ONNX files, and no run of Limbeck's. */
export function isRepository(path: string): boolean {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return (
    isFolder &&
    !existsSync(join(path, "manifest.json")) &&
    !existsSync(join(path, "run.json")) &&
    filesIn(path).length > 0
  );
}

/** The ONNX file that a path means: itself, or that of a repository's folder. Throws as `chosenFile`. */
export function onnxFile(path: string): string {
  return isRepository(path) ? join(path, chosenFile(filesIn(path), path)) : path;
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder);
  const inner =
    names.includes("onnx") && statSync(join(folder, "onnx")).isDirectory() ? readdirSync(join(folder, "onnx")) : [];
  return [...names, ...inner.map((name) => `onnx/${name}`)].filter((name) => /\.onnx$/i.test(name));
}

/**
 * The ONNX file among a repository's files: `wanted`, a path or a precision, else `model.onnx` in the largest precision there is, else the only one.
 * Throws DATA_MISSING if there is none, ARGUMENT if there are several; both list what is there.
 */
export function chosenFile(files: readonly string[], repository: string, wanted?: string): string {
  const all = files.filter((file) => /\.onnx$/i.test(file)).sort();
  if (wanted !== undefined && files.includes(wanted)) return wanted;
  const names: readonly string[] = Object.hasOwn(precisions, wanted ?? "")
    ? [`model${precisions[wanted as keyof typeof precisions]}.onnx`]
    : wanted === undefined
      ? Object.values(precisions).map((ending) => `model${ending}.onnx`)
      : [];
  const places = names.flatMap((name) => [`onnx/${name}`, name]);
  const found = places.find((place) => all.includes(place));
  if (found !== undefined) return found;
  if (wanted === undefined && all.length === 1) return all[0]!;
  const held = all.length > 0 ? all.slice(0, 20).join(", ") : `none, but ${files.slice(0, 20).join(", ") || "nothing"}`;
  throw new LimbeckError(
    wanted === undefined && all.length > 0 ? "ARGUMENT" : "DATA_MISSING",
    `${repository} should hold ${wanted ?? "an ONNX file, onnx/model.onnx"}; its ONNX files are: ${held}; ` +
      `name one of them, or a precision (${Object.keys(precisions).join(", ")})`,
  );
}
