/** @file What a module of somebody's own gives: a model, a method or a data set, by its name or as the default export. */
import {
  aBoolean,
  aFunction,
  aNumber,
  aString,
  anObject,
  having,
  listOf,
  optional,
  shown,
  type Kind,
} from "../../../arguments.ts";
import { aDataset, type Dataset } from "../../../data/dataset.ts";
import type { DatasetEntry, LoadOptions } from "../../../data/index.ts";
import { methods, type AnyMethod } from "../../../distill/index.ts";
import { LimbeckError } from "../../../errors.ts";
import { models, type Network, type OwnModelEntry } from "../../../models/index.ts";
import { aModule } from "../../../nn/index.ts";
import { basename } from "node:path";
import { moduleFailed } from "./failed.ts";
import type { LoadedModule } from "./import.ts";

const aModelOption = having("an option", { description: aString, expected: aString, is: aFunction });
const aRow = having("a function of options that makes a network, or an object", {
  create: aFunction,
  name: optional(aString),
  summary: optional(aString),
  leastSide: optional(aNumber),
  defaults: optional(anObject),
  options: optional({
    expected: "options by name, each with its value, description, what is expected and whether something is that",
    is: (value) => anObject.is(value) && Object.values(value as object).every(aModelOption.is),
  }),
});
const aNetwork = having("a network", {
  module: aModule,
  features: optional(listOf(having("an object", { output: aString, preActivation: aString }))),
});
const anOption = having("an option, as option.weight makes one", { description: aString, allowed: anObject });
const mayBeGiven = [
  "check",
  "pairs",
  "pairTargets",
  "targets",
  "auxiliaries",
  "needs",
  "pretraining",
  "student",
] as const;
const partsOfMethod: Readonly<Record<string, Kind>> = {
  name: { expected: "letters, digits, - and _", is: (value) => typeof value === "string" && /^[\w-]+$/.test(value) },
  title: aString,
  summary: aString,
  needsTeacher: aBoolean,
  options: {
    expected: "options by name, as option.weight and its kin make them",
    is: (value) => anObject.is(value) && Object.values(value as object).every(anOption.is),
  },
  losses: aFunction,
  weights: aFunction,
  labels: optional(having("an object", { weight: aNumber })),
  presets: optional(anObject),
  ...Object.fromEntries(mayBeGiven.map((name) => [name, optional(aFunction)])),
};

/** The model of a module, as a row of the table. Throws MODULE. */
export function modelOf(module: LoadedModule): OwnModelEntry {
  const given = partOf(module, "model", {
    expected: aRow.expected,
    is: (value) => aFunction.is(value) || aRow.is(value),
  });
  const { path } = module;
  const from = sourceOf(module);
  const row = (typeof given === "function" ? { create: given } : given) as Partial<OwnModelEntry> &
    Pick<OwnModelEntry, "create">;
  const {
    name = from.file.replace(/\.[cm]?[jt]s$/, ""),
    summary = `a network of ${from.file}`,
    leastSide,
    defaults,
    options: table,
  } = row;
  refuseTaken(path, "model", name, models);
  const created = (...given: Parameters<OwnModelEntry["create"]>): unknown => {
    try {
      return row.create(...given);
    } catch (error) {
      throw moduleFailed(error, path, "makes no network");
    }
  };
  return {
    name,
    summary,
    from,
    ...(leastSide !== undefined && { leastSide }),
    ...(defaults && { defaults }),
    ...(table && { options: table }),
    create(options, own) {
      const network = created(options, own);
      if (!aNetwork.is(network)) throw notGiven(path, "its model's function should give", aNetwork, network);
      const { classes = options.classes, inputShape = options.inputShape } = network as Partial<typeof options>;
      if (classes === options.classes && String(inputShape) === String(options.inputShape)) return network as Network;
      throw new LimbeckError(
        "MODULE",
        `the module ${path}: its model should be made as it is asked for, for ${options.classes} classes and images of ` +
          `[${options.inputShape.join(", ")}], but says that it has ${shown(classes)} and [${String(inputShape)}]`,
      );
    },
  };
}

/** The method of a module. Throws MODULE. */
export function methodOf(module: LoadedModule): AnyMethod {
  const method = partOf(module, "method", anObject) as AnyMethod;
  const { path } = module;
  for (const [name, kind] of Object.entries(partsOfMethod)) {
    const part = method[name as keyof AnyMethod];
    if (!kind.is(part)) throw notGiven(path, `its method's ${name} should be`, kind, part);
  }
  refuseTaken(path, "method", method.name, methods);
  // NOTE: no copy, which would leave out what a class gives.
  return Object.create(method, { from: { value: sourceOf(module), enumerable: true } }) as AnyMethod;
}

/** The data set of a module, as a row of the table. Throws MODULE. */
export function datasetOf(module: LoadedModule): Pick<DatasetEntry, "load"> {
  const { path } = module;
  const given = partOf(module, "dataset", {
    expected: `a function that gives a data set, or ${aDataset.expected}`,
    is: (value) => aFunction.is(value) || aDataset.is(value),
  });
  return {
    async load(options) {
      const dataset = typeof given === "function" ? await called(path, given as Loader, options) : given;
      if (!aDataset.is(dataset)) throw notGiven(path, "its function should give", aDataset, dataset);
      return dataset as Dataset;
    },
  };
}

type Loader = (options?: LoadOptions) => unknown;

async function called(path: string, load: Loader, options: LoadOptions | undefined): Promise<unknown> {
  try {
    return await load(options);
  } catch (error) {
    throw moduleFailed(error, path, "gives no data set");
  }
}

/** What a module exports as `model`, say, or as default. Throws MODULE. */
function partOf({ path, exports }: LoadedModule, name: string, kind: Kind): unknown {
  const found = exports[name] ?? exports["default"];
  if (kind.is(found)) return found;
  if (found !== undefined)
    throw notGiven(path, `what it exports as ${exports[name] ? name : "default"} should be`, kind, found);
  const others = Object.keys(exports);
  throw new LimbeckError(
    "MODULE",
    `the module ${path} should export a ${name === "dataset" ? "data set" : name}, as ${name} or as default, got ${others.length > 0 ? others.join(", ") : "no export"}`,
  );
}

function notGiven(path: string, what: string, { expected }: Kind, got: unknown): LimbeckError {
  return new LimbeckError("MODULE", `the module ${path}: ${what} ${expected}, got ${shown(got)}`);
}

function sourceOf({ path, sha256 }: LoadedModule): NonNullable<OwnModelEntry["from"]> {
  return { file: basename(path), sha256 };
}

function refuseTaken(path: string, kind: string, name: string, table: object): void {
  if (name !== "" && !Object.hasOwn(table, name)) return;
  throw new LimbeckError(
    "MODULE",
    `the module ${path}: its ${kind} should have a name of its own, got ${shown(name)}, ` +
      `${name === "" ? "which is none" : "which one of Limbeck's has"}; ${kind === "model" ? "give { name, create }, or rename the file" : "give another name"}`,
  );
}
