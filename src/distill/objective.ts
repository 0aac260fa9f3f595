/** @file What a network is trained on: the losses of one method or several, and the labels' loss once. */
import * as is from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { ModuleSource } from "../module-source.ts";
import type {
  AnyMethod,
  AuxiliaryModule,
  Batch,
  Losses,
  MadeStudent,
  Method,
  Needs,
  PretrainingPhase,
  ResolvedOptions,
  Setting,
  Targets,
  Weight,
} from "./method.ts";
import type { Observed, TeacherWeights } from "./observed.ts";
import type { Options } from "./option.ts";
import type { Pairing } from "./pairing.ts";
import { resolve, type ResolvedMethod } from "./resolve.ts";
import { View } from "./view.ts";

/** Methods whose options are bound, so that a training loop need not know them. Most members are those of `Method`. */
export interface Objective {
  readonly name: string;
  readonly title: string;
  readonly needsTeacher: boolean;
  /** The method's, or of several each one's by its name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The preset that was asked for. */
  readonly preset?: string | undefined;
  /** By the names of the methods that are in no table: the modules that give them. */
  readonly from?: Readonly<Record<string, ModuleSource>> | undefined;
  /** By the name of the loss; `ce` is the labels'. */
  readonly weights: Readonly<Record<string, Weight>>;
  readonly needs: Needs;
  readonly pretraining: readonly PretrainingPhase[];
  /** Which places of both networks, each recorded on one image, are compared. */
  pairings(student: Observed, teacher: Observed): readonly Pairing[];
  targets(teacher: Observed, weights: TeacherWeights, student: Observed, pairings: readonly Pairing[]): Targets;
  auxiliaries(setting: Setting): Readonly<Record<string, AuxiliaryModule>>;
  losses(batch: Batch): Losses;
  /** Where another network than the student as it stands is trained. */
  readonly student?: ((setting: Setting) => MadeStudent) | undefined;
}

const bounds = is.optional(
  is.object({
    "least? above? most? below?": is.aNumber,
    "whole?": is.aBoolean,
  }),
);
const defaults = [
  is.aNumber,
  is.aBoolean,
  is.listOf(is.aNumber),
  is.listOf(is.object({ "teacher student": is.aString })),
];
const anOption = is.having("an option, as option.weight makes one", {
  description: is.aString,
  default: { expected: "a number, true or false, or a list", is: (value) => defaults.some((kind) => kind.is(value)) },
  allowed: { kind: is.oneOf("number", "flag", "numbers", "pairs"), bounds, each: bounds },
});

/** What every method has, or may have. */
export const methodParts: Readonly<Record<string, is.Kind>> = {
  name: is.aString,
  title: is.aString,
  options: {
    expected: "options by name, as option.weight and its kin make them",
    is: (value) => is.isObject(value) && Object.values(value).every(anOption.is),
  },
  labels: is.optional(is.object({ weight: is.aNumber, "loss?": is.aFunction })),
  presets: is.optional(is.anObject),
  losses: is.aFunction,
  weights: is.aFunction,
};

/** For `checkArguments`. */
export const aMethod: is.Kind = is.having("a method", methodParts);

/**
 * The method with these options, those of the preset for the rest, if one is named, and the defaults for what is left.
 *
 * Throws ARGUMENT listing every option that is unknown or out of range, UNKNOWN_NAME for a preset that the method has not.
 */
export function objective<O extends Options, Whole extends string, PerPair extends string>(
  method: Method<O, Whole, PerPair>,
  options: Partial<NoInfer<ResolvedOptions<O>>> = {},
  preset?: string,
): Objective {
  return joined([resolve(method as unknown as AnyMethod, options, preset)], preset);
}

/** One method or more. */
export type ResolvedMethods = readonly [ResolvedMethod, ...ResolvedMethod[]];

/**
 * What these methods train on together. Names of modules, of targets and of phases, and of losses that two have, get the
 * method's name before them where there are several: `at/connector1`, `mlkd.kd`.
 *
 * Throws ARGUMENT where two methods make another network of the student.
 */
export function joined(methods: ResolvedMethods, preset?: string): Objective {
  const [first, ...others] = methods;
  const isOne = others.length === 0;
  const views = methods.map((resolved) => new View(resolved, isOne ? "" : `${resolved.method.name}/`));
  const named = <Value>(own: (view: View) => ByName<Value>, ofLabels: (labels: LabelsLoss) => Value): ByName<Value> =>
    ownAndLabels(views, own, ofLabels);
  const counts = methods.flatMap(({ method, values }) => method.needs?.(values).negatives?.count ?? []);
  const maker = studentMaker(views);
  const from = Object.fromEntries(methods.flatMap(({ method }) => (method.from ? [[method.name, method.from]] : [])));
  return {
    name: methods.map(({ method }) => method.name).join("+"),
    title: [first.method.title, ...others.map(({ method }) => method.title.toLowerCase())].join(" and "),
    needsTeacher: methods.some(({ method }) => method.needsTeacher),
    options: isOne ? first.options : Object.fromEntries(methods.map(({ method, options }) => [method.name, options])),
    preset,
    from: Object.keys(from).length > 0 ? from : undefined,
    weights: named(
      (view) => view.weights(),
      (labels): Weight => labels.weight,
    ),
    needs: {
      negatives: counts.length > 0 ? { count: Math.max(...counts) } : undefined,
      strongView: methods.some(({ method, values }) => method.needs?.(values).strongView),
    },
    pretraining: views.flatMap((view) => view.pretraining()),
    pairings: (student, teacher) => views.flatMap((view) => view.pairings(student, teacher)),
    targets: (...networks) =>
      Object.assign(
        {},
        ...views.map((view) => view.wholeTargets(...networks)),
        ...views.map((view) => view.pairTargets(...networks)),
      ),
    auxiliaries: (setting) => Object.assign({}, ...views.map((view) => view.auxiliaries(setting))),
    losses: (batch) =>
      named(
        (view) => view.losses(batch),
        (labels) => labels.loss(batch),
      ),
    student: maker,
  };
}

type ByName<Value> = Readonly<Record<string, Value>>;
type LabelsLoss = NonNullable<ResolvedMethod["labels"]>;

const LABELS_TERM = "ce";

/**
 * What is said of each loss: every method's own, its name before it where two have one of that name, and of the labels' loss.
 * Throws ARGUMENT for a method that names a loss of its own as that one.
 */
function ownAndLabels<Value>(
  views: readonly View[],
  own: (view: View) => ByName<Value>,
  ofLabels: (labels: LabelsLoss) => Value,
): ByName<Value> {
  const names = views.flatMap((view) => Object.keys(view.weights()));
  const isShared = (term: string): boolean => names.indexOf(term) !== names.lastIndexOf(term);
  // NOTE: the labels' loss stands behind the own losses of the first that has one: sums are added up in this order.
  const labelled = views.find(({ resolved }) => resolved.labels);
  const entries = views.flatMap((view) => {
    const { method, labels } = view.resolved;
    const terms = Object.entries(own(view)).map(([term, value]) => {
      if (term === LABELS_TERM) throw notItsOwn(method.name);
      return [isShared(term) ? `${method.name}.${term}` : term, value] as const;
    });
    return view === labelled && labels ? [...terms, [LABELS_TERM, ofLabels(labels)] as const] : terms;
  });
  return Object.fromEntries(entries);
}

/** How the one method that makes another network of the student makes it. Throws ARGUMENT where two do. */
function studentMaker(views: readonly View[]): Objective["student"] {
  const [maker, another] = views.filter(({ student }) => student);
  if (maker && another) {
    const [a, b] = [maker.resolved.method.name, another.resolved.method.name];
    throw new LimbeckError("ARGUMENT", `${a} and ${b} both make a network of the student; leave one out`);
  }
  return maker?.student;
}

function notItsOwn(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method}: a loss of its own should not be named ${LABELS_TERM}, which is the labels' loss; ` +
      "give labels, so that it is added once, or take another name",
  );
}
