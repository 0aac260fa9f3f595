/** @file What a weights file says of its network, as one JSON text among the metadata of the safetensors format. */
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import type { Architecture } from "../models/index.ts";
import { parseWith } from "../parse-with.ts";
import { parseStrictJson } from "../strict-json.ts";

/** Everything but the weights that is needed to use a network, and how it was made. */
export interface ModelDescription {
  readonly name: string;
  /** Not said for a network of the caller's own, which has to be built to read the file. */
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
  /** How it was made: Limbeck's version, and what its maker said. */
  readonly made: Readonly<Record<string, unknown>>;
}

/** The metadata's key. */
const KEY = "limbeck";
/** Networks that one may be made of; each takes a while to make. */
const MOST_NETWORKS = 100;
/** No description is as long; a damaged or hostile one may be. */
const MOST_CHARACTERS = 1_000_000;

const count = z.int().positive().max(1_000_000);
const text = z.string().min(1);

const architecture: z.ZodType<Architecture> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("model"),
      name: text,
      classes: count,
      inputShape: z.tuple([count, count, count]).optional(),
      dropout: z.number().min(0).lt(1).optional(),
    }),
    z.strictObject({
      kind: z.literal("ensemble"),
      members: z.array(architecture).min(1).max(MOST_NETWORKS),
      weights: z.array(z.number().positive()),
    }),
    z.strictObject({
      kind: z.literal("distilled"),
      student: architecture,
      teacher: architecture,
      method: text,
      options: z.record(z.string(), z.unknown()),
    }),
  ]),
);

const schema = z
  .strictObject({
    name: text,
    architecture: architecture.optional(),
    inputShape: z.tuple([count, count, count]),
    classes: count,
    classNames: z.array(z.string()).optional(),
    dataset: z.string().optional(),
    normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) }).optional(),
    made: z.record(z.string(), z.unknown()),
  })
  .refine(
    (described) => !described.architecture || networksIn(described.architecture) <= MOST_NETWORKS,
    `architecture: expected at most ${MOST_NETWORKS} networks in all`,
  )
  .refine(({ classes, classNames }) => !classNames || classNames.length === classes, "classNames: expected one a class")
  .refine(
    ({ inputShape: [channels], normalisation }) =>
      !normalisation || (normalisation.mean.length === channels && normalisation.std.length === channels),
    "normalisation: expected one number a channel",
  );

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
    const { message } = cause as Error;
    throw new LimbeckError("ARGUMENT", `saveModel: made should be what JSON can hold: ${message}`, { cause });
  }
  parseWith(schema, value, "ARGUMENT", "saveModel: what the file should say of the model");
  return { format: "pt", [KEY]: written };
}

/** The description among a file's metadata; none in files that others wrote. Throws WEIGHTS, naming `source`, for a damaged one. */
export function fromMetadata(metadata: Readonly<Record<string, string>>, source: string): ModelDescription | undefined {
  const written = Object.hasOwn(metadata, KEY) ? metadata[KEY] : undefined;
  if (written === undefined) return undefined;
  const refuse = (problem: string, cause?: unknown): never => {
    const fix = "take the file again, or give a copy without metadata and say which model it holds";
    throw new LimbeckError("WEIGHTS", `${source}: what it says of its network is damaged: ${problem}; ${fix}`, {
      cause,
    });
  };
  if (written.length > MOST_CHARACTERS) return refuse(`it is ${written.length} characters long`);
  try {
    const { success, data, error } = schema.safeParse(parseStrictJson(written));
    if (success) return data as ModelDescription;
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    return refuse([...path.map(String), message].join(": "));
  } catch (error) {
    // JSON that is none, or nested so deeply that no stack holds it.
    if (error instanceof LimbeckError) throw error;
    return refuse((error as Error).message, error);
  }
}
