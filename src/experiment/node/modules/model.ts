/** @file The model of a user module: a row as the table of models has them, whose networks are checked when they are made. */
import {
  aFunction,
  aNumber,
  anObject,
  aString,
  having,
  listOf,
  optional,
  shown,
  type Kind,
} from "../../../arguments.ts";
import { LimbeckError } from "../../../errors.ts";
import { models, type Network, type NetworkOptions, type OwnModelEntry } from "../../../models/index.ts";
import { aModule, record } from "../../../nn/index.ts";
import { input } from "../../../tensor/index.ts";
import { moduleFailed } from "./failed.ts";
import { type LoadedModule, wrongKind, partOf, refuseTaken, sourceOf } from "./import.ts";
import { checkIntrinsics } from "./intrinsics.ts";

const anOption = having("an option", { description: aString, expected: aString, is: aFunction });
const aRow = having("a function of options that makes a network, or an object", {
  create: aFunction,
  name: optional(aString),
  summary: optional(aString),
  leastSide: optional(aNumber),
  defaults: optional(anObject),
  options: optional({
    expected: "options by name, each with its value, description, what is expected and whether something is that",
    is: (value) => anObject.is(value) && Object.values(value as object).every(anOption.is),
  }),
});
const aModel: Kind = { expected: aRow.expected, is: (value) => aFunction.is(value) || aRow.is(value) };
const aNetwork = having("a network", {
  module: aModule,
  features: optional(listOf(having("an object", { output: aString, preActivation: aString }))),
});

/** The model of a module, as a row of the table. Throws MODULE; so does `create`, or as what the network is made of. */
export function modelOf(module: LoadedModule): OwnModelEntry {
  const given = partOf(module, "model", aModel);
  const { path } = module;
  const from = sourceOf(module);
  const row = (typeof given === "function" ? { create: given } : given) as Partial<OwnModelEntry> &
    Pick<OwnModelEntry, "create">;
  // Each is read once, since what a getter gives may change.
  const {
    create,
    name = from.file.replace(/\.[cm]?[jt]s$/, ""),
    summary = `a network of ${from.file}`,
    leastSide,
    defaults,
    options: table,
  } = row;
  if (!aFunction.is(create)) throw wrongKind(path, "its model's create should be", aFunction, create);
  refuseTaken(path, "model", name, models);
  return {
    name,
    summary,
    from,
    leastSide,
    defaults,
    options: table,
    create(options, own) {
      try {
        const network: unknown = create.call(row, options, own);
        checkNetwork(path, network, options);
        checkIntrinsics(path);
        return network;
      } catch (error) {
        throw moduleFailed(error, path, "makes no network");
      }
    },
  };
}

/** Throws MODULE for what is no network, or one for other images or classes than it was asked for; as the layers where it cannot be recorded. */
function checkNetwork(path: string, network: unknown, asked: Required<NetworkOptions>): asserts network is Network {
  if (!aNetwork.is(network)) throw wrongKind(path, "its model's function should give", aNetwork, network);
  const { module, classes = asked.classes, inputShape = asked.inputShape } = network as Network & Partial<typeof asked>;
  if (classes !== asked.classes || String(inputShape) !== String(asked.inputShape)) {
    throw new LimbeckError(
      "MODULE",
      `the module ${path}: its model should be made as it is asked for, for ${asked.classes} classes and images of ` +
        `[${asked.inputShape.join(", ")}], but says that it has ${shown(classes)} and [${String(inputShape)}]`,
    );
  }
  record(module, input("images", [1, ...asked.inputShape]), { training: false });
}
