/** @file What a weights file says of its network, as one JSON text among the metadata of the safetensors format. */
import { aBoolean, aString, shown } from "../arguments.ts";
import { LimbeckError, reasonOf } from "../errors.ts";
import type { Preparation } from "../images/index.ts";
import { listOf, objectOf, ofKind, problemText, record, type Check, type JsonProblem } from "../json-checks.ts";
import type { Architecture, Model } from "../models/index.ts";
import { parseStrictJson } from "../strict-json.ts";
import type { TrainedRanges } from "../train/index.ts";

/** Everything but the weights that is needed to use a network, and how it was made. */
export interface ModelDescription {
  readonly name: string;
  /** Missing for a network of the caller's own, which has to be built to read the file. */
  readonly architecture?: Architecture | undefined;
  /** [channels, height, width] */
  readonly inputShape: readonly [number, number, number];
  /** How many classes. */
  readonly classes: number;
  /** In the order of the logits. */
  readonly classNames?: readonly string[] | undefined;
  /** Of the images that it was trained on. */
  readonly dataset?: string | undefined;
  /** What it takes, one number a channel: (pixel / 255 - mean) / std. */
  readonly normalisation?: { readonly mean: readonly number[]; readonly std: readonly number[] } | undefined;
  /** How pictures of any size become its images, where the data set was made of such. */
  readonly preparation?: Preparation | undefined;
  /** Of a network that was trained for int8: between which numbers its results lie. */
  readonly int8?: TrainedRanges | undefined;
  /** How it was made: Limbeck's version, and what `saveModel` was given as `made`. */
  readonly made: Readonly<Record<string, unknown>>;
}

/** A model, and what its file says of it: nothing, if PyTorch wrote it. */
export interface DescribedModel extends Model {
  readonly description?: ModelDescription | undefined;
}

/** The metadata's key. */
const KEY = "limbeck";
/** Networks that one may be made of; each takes a while to make. */
const MOST_NETWORKS = 100;
/** No description is as long; a damaged or hostile one may be. */
const MOST_CHARACTERS = 1_000_000;

const text = ofKind({ expected: "text", is: (value) => typeof value === "string" && value !== "" });
const count = ofKind({
  expected: "a whole number from 1 to 1000000",
  is: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000_000,
});
const finite = ofKind({ expected: "a number", is: Number.isFinite });
const positive = ofKind({
  expected: "a number above 0",
  is: (value) => Number.isFinite(value) && (value as number) > 0,
});
const dropout = ofKind({
  expected: "a number from 0, less than 1",
  is: (value) => typeof value === "number" && value >= 0 && value < 1,
});
const images = listOf(count, 3);
const yesOrNo = ofKind(aBoolean);
const byte = ofKind({
  expected: "a whole number from 0 to 255",
  is: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255,
});

const moduleSource = objectOf({
  file: text,
  sha256: ofKind({
    expected: "64 hexadecimal digits",
    is: (value) => typeof value === "string" && /^[\da-f]{64}$/.test(value),
  }),
});

const architectures: Readonly<Record<Architecture["kind"], Check>> = {
  model: objectOf(
    { kind: text, name: text, classes: count },
    { inputShape: images, dropout, options: record, from: moduleSource },
  ),
  ensemble: objectOf({ kind: text, members: listOf(architecture), weights: listOf(positive) }),
  distilled: objectOf(
    { kind: text, student: architecture, teacher: architecture, method: text, options: record },
    { from: moduleSources },
  ),
};

/** By the methods' names. */
function moduleSources(value: unknown): JsonProblem | undefined {
  const problem = record(value);
  if (problem) return problem;
  const names = Object.keys(value as object);
  return objectOf(Object.fromEntries(names.map((name) => [name, moduleSource])))(value);
}

function architecture(value: unknown): JsonProblem | undefined {
  const kind: unknown = (value as { readonly kind?: unknown } | null)?.kind;
  if (typeof kind === "string" && Object.hasOwn(architectures, kind)) {
    return architectures[kind as Architecture["kind"]](value);
  }
  return { path: ["kind"], message: `expected ${Object.keys(architectures).join(", ")}, got ${shown(kind)}` };
}

const int8 = objectOf({
  top: ofKind({ expected: "127 or 255", is: (value) => value === 127 || value === 255 }),
  ranges: listOf(objectOf({ place: text, least: finite, most: finite })),
});

const fields = objectOf(
  { name: text, inputShape: images, classes: count, made: record },
  {
    architecture,
    classNames: listOf(ofKind(aString)),
    dataset: ofKind(aString),
    normalisation: objectOf({ mean: listOf(finite), std: listOf(positive) }),
    int8,
    preparation: objectOf({ resize: count, exif: yesOrNo }, { background: listOf(byte, 3) }),
  },
);

/** What is wrong with a description: of its fields, or of what they have to do with each other. */
function problemOf(value: unknown): string | undefined {
  const problem = fields(value);
  if (problem) return problemText(problem);
  const { architecture, inputShape, classes, classNames, normalisation } = value as ModelDescription;
  if (architecture && networksIn(architecture) > MOST_NETWORKS) {
    return `architecture: expected at most ${MOST_NETWORKS} networks in all`;
  }
  if (classNames && classNames.length !== classes) {
    return `classNames: expected one a class, ${classes}, got ${classNames.length}`;
  }
  const [channels] = inputShape;
  const { mean, std } = normalisation ?? {};
  if (mean && std && (mean.length !== channels || std.length !== channels)) {
    return `normalisation: expected one number a channel, ${channels}, got ${mean.length} and ${std.length}`;
  }
  return undefined;
}

function networksIn(whole: Architecture): number {
  if (whole.kind === "model") return 1;
  const parts = whole.kind === "distilled" ? [whole.student, whole.teacher] : whole.members;
  return parts.reduce((sum, part) => sum + networksIn(part), 0);
}

/** A file's metadata that hold the description. The same description gives the same text. Throws ARGUMENT for one that JSON cannot hold. */
export function toMetadata(description: ModelDescription): Record<string, string> {
  let written: string;
  let value: unknown;
  try {
    written = JSON.stringify(description);
    value = parseStrictJson(written);
  } catch (cause) {
    const message = reasonOf(cause);
    throw new LimbeckError("ARGUMENT", `saveModel: made should be what JSON can hold: ${message}`, { cause });
  }
  const problem = problemOf(value);
  if (problem !== undefined) {
    throw new LimbeckError("ARGUMENT", `saveModel: the description of the model: ${problem}`);
  }
  return { format: "pt", [KEY]: written };
}

/** The description among a file's metadata; none in files that others wrote. Throws WEIGHTS, naming `source`, for a damaged one. */
export function fromMetadata(metadata: Readonly<Record<string, string>>, source: string): ModelDescription | undefined {
  const written = Object.hasOwn(metadata, KEY) ? metadata[KEY] : undefined;
  if (written === undefined) return undefined;
  const refuse = (problem: string, cause?: unknown): never => {
    const fix = "take the file again, or give a copy without metadata and say which model it holds";
    throw new LimbeckError("WEIGHTS", `${source}: its description of the network is damaged: ${problem}; ${fix}`, {
      cause,
    });
  };
  if (written.length > MOST_CHARACTERS) return refuse(`it is ${written.length} characters long`);
  let value: unknown;
  try {
    value = parseStrictJson(written);
  } catch (error) {
    return refuse(reasonOf(error), error);
  }
  const problem = problemOf(value);
  return problem === undefined ? (value as ModelDescription) : refuse(problem);
}
