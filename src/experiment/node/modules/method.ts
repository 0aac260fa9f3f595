/** @file The method of a user module: each part read once, and what its functions give checked. */
import {
  aBoolean,
  aFunction,
  anObject,
  aString,
  having,
  isObject,
  listOf,
  optional,
  type Kind,
} from "../../../arguments.ts";
import { methods, methodParts, type AnyMethod } from "../../../distill/index.ts";
import { aModule } from "../../../nn/index.ts";
import { aTensor } from "../../../tensor/index.ts";
import { moduleFailed } from "./failed.ts";
import { type LoadedModule, wrongKind, partOf, refuseTaken, sourceOf } from "./import.ts";
import { checkIntrinsics } from "./intrinsics.ts";

const aFiniteNumber: Kind = { expected: "a finite number", is: Number.isFinite };
const aCount: Kind = {
  expected: "a whole number from 1",
  is: (value) => Number.isInteger(value) && Number(value) >= 1,
};
const aRamp = having("an object", { value: aFiniteNumber, rampEpochs: aFiniteNumber });
const aWeight: Kind = {
  expected: "a finite number, or { value, rampEpochs }",
  is: (value) => aFiniteNumber.is(value) || aRamp.is(value),
};

/** Values of a kind by names. */
function named({ expected, is }: Kind): Kind {
  return {
    expected: `an object of names, each with ${expected}`,
    is: (value) => isObject(value) && !(value instanceof Promise) && Object.values(value).every(is),
  };
}

const parts: Readonly<Record<string, Kind>> = {
  ...methodParts,
  name: { expected: "letters, digits, - and _", is: (value) => typeof value === "string" && /^[\w-]+$/.test(value) },
  summary: aString,
  paper: optional(aString),
  needsTeacher: aBoolean,
};

/** What its functions give; those that a method has to have stand among its parts. */
const given: Readonly<Record<string, Kind>> = {
  losses: named(aTensor),
  weights: named(aWeight),
  check: named(aString),
  pairs: listOf(anObject),
  pairTargets: named(aTensor),
  targets: named(aTensor),
  auxiliaries: named(having("an object", { module: aModule })),
  needs: having("an object", {
    strongView: optional(aBoolean),
    negatives: optional(having("an object", { count: aCount })),
  }),
  pretraining: listOf(
    having("a phase", {
      name: aString,
      title: aString,
      epochs: aFiniteNumber,
      losses: aFunction,
      weights: named(aWeight),
    }),
  ),
  student: having("an object", { module: aModule, inside: aString }),
};

/** The method of a module. Throws MODULE; so do its functions where they fail, or give something else. */
export function methodOf(module: LoadedModule): AnyMethod {
  const method = partOf(module, "method", anObject) as AnyMethod;
  const { path } = module;
  const read: [string, unknown][] = [["from", sourceOf(module)]];
  for (const name of new Set([...Object.keys(parts), ...Object.keys(given)])) {
    const part: unknown = method[name as keyof AnyMethod];
    const kind = parts[name] ?? optional(aFunction);
    if (!kind.is(part)) throw wrongKind(path, `its method's ${name} should be`, kind, part);
    if (part === undefined) continue;
    const result = given[name];
    const own = name === "labels" ? labelsRead(path, part as AnyLabels) : part;
    read.push([name, result ? checked(path, name, (part as Call).bind(method), result) : own]);
  }
  const own = Object.fromEntries(read) as Partial<AnyMethod> & Pick<AnyMethod, "name">;
  refuseTaken(path, "method", own.name, methods);
  return own as AnyMethod;
}

type AnyLabels = NonNullable<AnyMethod["labels"]>;

function labelsRead(path: string, labels: AnyLabels): AnyLabels {
  const { loss } = labels;
  if (loss === undefined) return labels;
  return { ...labels, loss: checked(path, "labels.loss", loss.bind(labels) as Call, aTensor) as typeof loss };
}

type Call = (...values: readonly unknown[]) => unknown;

/** A function of a method, whose errors name the module. */
function checked(path: string, name: string, call: Call, kind: Kind): Call {
  return (...values) => {
    try {
      const result = call(...values);
      checkIntrinsics(path);
      if (kind.is(result)) return result;
      throw wrongKind(path, `its method's ${name} should give`, kind, result);
    } catch (error) {
      throw moduleFailed(error, path, `failed in its method's ${name}`);
    }
  };
}
