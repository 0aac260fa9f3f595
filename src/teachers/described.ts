/** @file What files say of a network's preprocessing and classes: metadata, Hugging Face's preprocessor_config.json and config.json, timm's config.json. */
import { LimbeckError, reasonOf } from "../errors.ts";
import type { FilterName } from "../images/index.ts";
import { parseStrictJson } from "../strict-json.ts";
import { readProcessor } from "./image-processors.ts";
import type { PartialPreprocessing } from "./preprocessing.ts";

/** What a file describes. */
export interface Described {
  readonly preprocessing: PartialPreprocessing;
  readonly classNames?: readonly string[] | undefined;
  /** Why it gives no preprocessing where it should. */
  readonly unread?: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Whatever of it this is: a preprocessor_config.json, a config.json of Hugging Face's or timm's. Throws DATA_FORMAT for text that is no JSON object, or sizes that say nothing. */
export function readDescription(text: string, source: string): Described {
  const json = parse(text, source);
  const timm = objectAt(json, "pretrained_cfg") ?? (Array.isArray(json["input_size"]) ? json : undefined);
  const classNames = namesOf(json, source);
  if (timm) return { preprocessing: timmPreprocessing(timm, source), classNames };
  const isProcessor = "image_mean" in json || "do_resize" in json;
  return isProcessor ? { ...readProcessor(json, source), classNames } : { preprocessing: {}, classNames };
}

/**
 * Of an ONNX file's metadata_props: `preprocessing` as JSON in the form of `Preprocessing`; `classes`, `labels` or `names` as a JSON list, or a
 * dictionary by number as JSON or Python write it. Throws DATA_FORMAT for text that is not so.
 */
export function readMetadata(metadata: ReadonlyMap<string, string>, source: string): Described {
  const own = metadata.get("preprocessing");
  const key = ["classes", "labels", "names"].find((name) => metadata.has(name));
  const text = key === undefined ? undefined : metadata.get(key);
  const classNames = text === undefined ? undefined : listOrNumbered(text, `${source}, metadata ${key}`);
  return {
    preprocessing: own === undefined ? {} : (parse(own, `${source}, metadata preprocessing`) as PartialPreprocessing),
    classNames,
  };
}

function timmPreprocessing(json: Json, source: string): PartialPreprocessing {
  const inputShape = json["input_size"] as [number, number, number] | undefined;
  const [, height, width] = inputShape ?? [];
  const share = typeof json["crop_pct"] === "number" ? json["crop_pct"] : 0.875; // timm's own
  const mode = json["crop_mode"] ?? "center";
  const resizeOf = (): PartialPreprocessing["resize"] => {
    if (height === undefined || width === undefined) return undefined;
    if (mode === "squash") return [Math.floor(height / share), Math.floor(width / share)];
    if (mode === "center" && height === width) return Math.floor(height / share);
    throw new LimbeckError("DATA_FORMAT", `${source}: crop_mode ${JSON.stringify(mode)} is not known; say resize`);
  };
  return {
    inputShape,
    resize: resizeOf(),
    interpolation: json["interpolation"] as FilterName | undefined,
    range: 1,
    mean: json["mean"] as number[] | undefined,
    std: json["std"] as number[] | undefined,
  };
}

/** `id2label` of Hugging Face, `label_names` of timm. */
function namesOf(json: Json, source: string): readonly string[] | undefined {
  const cfg = objectAt(json, "pretrained_cfg") ?? {};
  const list = json["label_names"] ?? cfg["label_names"];
  if (Array.isArray(list) && list.every((name) => typeof name === "string")) return list as string[];
  const numbered = objectAt(json, "id2label");
  return numbered && byPlace(numbered, `${source}, id2label`);
}

function listOrNumbered(text: string, source: string): readonly string[] {
  const numbered = pythonNames(text);
  if (numbered) return byPlace(numbered, source);
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch {
    // Said below.
  }
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value as string[];
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return byPlace(value as Json, source);
  throw new LimbeckError(
    "DATA_FORMAT",
    `${source}: should be a list of names, got ${JSON.stringify(text.slice(0, 60))}`,
  );
}

/** `{0: 'cat', 1: "jack-o'-lantern"}`, as Python writes a dictionary; `undefined` for anything else. */
function pythonNames(text: string): Json | undefined {
  const entry = /\s*(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,|(?=\}))/y;
  const trimmed = text.trim();
  if (!trimmed.startsWith("{")) return undefined;
  const names: Record<string, string> = {};
  let at = 1;
  while (at < trimmed.length - 1) {
    entry.lastIndex = at;
    const [all, number, single, double] = entry.exec(trimmed) ?? [];
    if (all === undefined || number === undefined) return undefined;
    names[number] = (single ?? double ?? "").replaceAll(/\\(.)/g, "$1");
    at += all.length;
  }
  return trimmed.endsWith("}") ? names : undefined;
}

function byPlace(numbered: Json, source: string): readonly string[] {
  const count = Object.keys(numbered).length;
  const names = Array.from({ length: count }, (_, i) => numbered[String(i)]);
  if (names.every((name) => typeof name === "string")) return names as string[];
  throw new LimbeckError("DATA_FORMAT", `${source}: should have a name for each of 0 to ${count - 1}`);
}

function objectAt(json: Json, name: string): Json | undefined {
  const value = json[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function parse(text: string, source: string): Json {
  try {
    const value = parseStrictJson(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch (cause) {
    throw new LimbeckError("DATA_FORMAT", `${source}: should be JSON (${reasonOf(cause)})`, { cause });
  }
  throw new LimbeckError("DATA_FORMAT", `${source}: should be a JSON object`);
}
