/** @file What a network is trained on: the losses of one method or several, and the labels' loss once. */
import { aFunction, anObject, aString, checkArguments, having, listOf, optional, type Kind } from "../arguments.ts";
import type { Shape } from "../tensor/index.ts";
import { LimbeckError } from "../errors.ts";
import type {
  AnyMethod,
  Batch,
  Compared,
  ComparedStage,
  AuxiliaryModule,
  Losses,
  MadeStudent,
  Method,
  Needs,
  Setting,
  ResolvedOptions,
  Targets,
  PretrainingPhase,
  Weight,
} from "./method.ts";
import type { Observed, Stage, StagePaths, TeacherWeights } from "./observed.ts";
import type { StagePair } from "./pairs.ts";
import type { Options } from "./option.ts";
import { resolve, type Part } from "./part.ts";

/** A place of each network that a method compares. */
export interface Pairing {
  /** The method's name. */
  readonly method: string;
  readonly teacher: Place;
  readonly student: Place;
}

/** Where it is found, and its shape for one image. */
export interface Place extends StagePaths {
  readonly shape: Shape;
}

/** Methods whose options are bound, so that a training loop need not know them. Most members are those of `Method`. */
export interface Objective {
  readonly name: string;
  readonly title: string;
  readonly needsTeacher: boolean;
  /** The method's, or of several each one's by its name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The preset that was asked for. */
  readonly preset?: string;
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
  readonly student?: (setting: Setting) => MadeStudent;
}

/** For `checkArguments`. */
export const aMethod: Kind = having("a method", {
  name: aString,
  title: aString,
  options: anObject,
  losses: aFunction,
  weights: aFunction,
});
export const anObjective: Kind = having("an objective", {
  name: aString,
  weights: anObject,
  needs: anObject,
  pretraining: listOf(anObject),
  pairings: aFunction,
  targets: aFunction,
  auxiliaries: aFunction,
  losses: aFunction,
});

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
  checkArguments("objective", {
    method: [method, aMethod],
    options: [options, anObject],
    preset: [preset, optional(aString)],
  });
  return joined([resolve(method as unknown as AnyMethod, options, preset)], preset);
}

/**
 * What these methods train on together. Names of modules, of targets and of phases, and of losses that two have, get the
 * method's name before them where there are several: `at/connector1`, `mlkd.kd`.
 *
 * Throws ARGUMENT where two methods make another network of the student.
 */
export function joined(parts: readonly Part[], preset?: string): Objective {
  const isOne = parts.length === 1;
  const views = parts.map((part) => new View(part, isOne ? "" : `${part.method.name}/`));
  const makers = parts.filter(({ method }) => method.student);
  if (makers.length > 1) {
    const [maker, another] = makers.map(({ method }) => method.name);
    throw new LimbeckError("ARGUMENT", `${maker} and ${another} both make a network of the student; leave one out`);
  }
  // NOTE: the labels' loss stands behind the own losses of the first that has one: sums are added up in this order.
  const labelled = parts.find(({ labels }) => labels);
  const weightsOf = (part: Part) => part.method.weights(part.resolved);
  const holders = (term: string) => parts.filter((part) => term in weightsOf(part)).length;
  const named = <Value>(valuesOf: (view: View) => Readonly<Record<string, Value>>, ofLabels: (view: View) => Value) =>
    Object.fromEntries(
      views.flatMap((view) => {
        const { part } = view;
        const own = Object.entries(valuesOf(view)).map(([term, value]) => {
          if (term === LABELS_TERM) throw notItsOwn(part.method.name);
          return [holders(term) > 1 ? `${part.method.name}.${term}` : term, value] as const;
        });
        return part === labelled ? [...own, [LABELS_TERM, ofLabels(view)] as const] : own;
      }),
    );
  const titles = parts.map(({ method }) => method.title);
  const counts = parts.flatMap(({ method, resolved }) => method.needs?.(resolved).negatives?.count ?? []);
  const maker = views.find(({ part }) => part.method.student);
  return {
    name: parts.map(({ method }) => method.name).join("+"),
    title: titles.map((title, i) => (i === 0 ? title : title.toLowerCase())).join(" and "),
    needsTeacher: parts.some(({ method }) => method.needsTeacher),
    options: isOne ? parts[0]!.options : Object.fromEntries(parts.map(({ method, options }) => [method.name, options])),
    ...(preset !== undefined && { preset }),
    weights: named<Weight>(
      ({ part }) => weightsOf(part),
      ({ part }) => part.labels!.weight,
    ),
    needs: counts.length > 0 ? { negatives: { count: Math.max(...counts) } } : {},
    pretraining: views.flatMap((view) => view.pretraining()),
    pairings: (student, teacher) => views.flatMap((view) => view.pairings(student, teacher)),
    targets: (teacher, weights, student, pairings) => ({
      ...Object.assign({}, ...views.map((view) => view.wholeTargets(teacher, weights, student, pairings))),
      ...Object.assign({}, ...views.map((view) => view.pairTargets(teacher, weights, student, pairings))),
    }),
    auxiliaries: (setting) => Object.assign({}, ...views.map((view) => view.auxiliaries(setting))),
    losses: (batch) =>
      named(
        (view) => view.part.method.losses(view.batch(batch), view.part.resolved),
        ({ part }) => part.labels!.loss(batch),
      ),
    ...(maker && {
      student: (setting: Setting) => maker.part.method.student!(maker.setting(setting), maker.part.resolved),
    }),
  };
}

const LABELS_TERM = "ce";

function notItsOwn(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method}: a loss of its own should not be named ${LABELS_TERM}, which is the labels' loss; ` +
      "give labels, so that it is added once, or take another name",
  );
}

/** The student's stage of each pairing, with the targets that were made of the teacher's. */
export function comparedStages(student: Observed, pairings: readonly Pairing[], targets: Targets): Compared {
  const stages = pairings.map((pairing, i): ComparedStage => {
    const prefix = pairPrefix(i);
    const own = Object.entries(targets).flatMap(([name, target]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), target] as const] : [],
    );
    return { method: pairing.method, ...stageAt(student, pairing.student), targets: Object.fromEntries(own) };
  });
  // NOTE: it may be empty here; each method sees its own through a view, which refuses that.
  return stages as unknown as Compared;
}

/** Of the names of a pair's targets: `pair 1 map`. */
function pairPrefix(pairing: number): string {
  return `pair ${pairing + 1} `;
}

/** A method among several: it sees its own names, targets and pairs alone. */
class View {
  readonly part: Part;
  readonly #prefix: string;

  constructor(part: Part, prefix: string) {
    this.part = part;
    this.#prefix = prefix;
  }

  pairings(student: Observed, teacher: Observed): Pairing[] {
    const { method, resolved } = this.part;
    return (method.pairs?.(student, teacher, resolved) ?? []).map((pair) => ({
      method: method.name,
      teacher: placeOf(pair.teacher),
      student: placeOf(pair.student),
    }));
  }

  wholeTargets(teacher: Observed, weights: TeacherWeights, student: Observed, pairings: readonly Pairing[]): Targets {
    const { method, resolved } = this.part;
    if (!method.needsTeacher || !method.targets) return {};
    const own = pairings.filter((pairing) => pairing.method === method.name);
    const pairs = own.map((pairing) => pairAt(student, teacher, pairing));
    return this.#named(method.targets(teacher, resolved, weights, pairs));
  }

  pairTargets(teacher: Observed, weights: TeacherWeights, student: Observed, pairings: readonly Pairing[]): Targets {
    const { method, resolved } = this.part;
    const own = pairings.flatMap((pairing, i) => {
      if (pairing.method !== method.name || !method.pairTargets) return [];
      const targets = method.pairTargets(pairAt(student, teacher, pairing), resolved, weights);
      return Object.entries(targets).map(([name, target]) => [pairPrefix(i) + name, target] as const);
    });
    return Object.fromEntries(own);
  }

  auxiliaries(setting: Setting): Readonly<Record<string, AuxiliaryModule>> {
    const { method, resolved } = this.part;
    return this.#named(method.auxiliaries?.(this.setting(setting), resolved) ?? {});
  }

  pretraining(): PretrainingPhase[] {
    const { method, resolved } = this.part;
    const prefix = this.#prefix;
    return (method.pretraining?.(resolved) ?? []).map((phase): PretrainingPhase => {
      const losses = (batch: Batch) => phase.losses(this.batch(batch));
      if (prefix === "") return { ...phase, losses };
      const trains = phase.trains?.map((name) => (name === "student" ? name : prefix + name)) ?? ["student", prefix];
      return { ...phase, name: prefix + phase.name, trains, losses };
    });
  }

  // NOTE: written out, because a spread would ask for the members that throw where they are not to be had.
  batch(batch: Batch): Batch {
    const { images, student, labels, teacher, indices } = batch;
    const compared = () => this.#compared(batch.compared);
    return {
      images,
      student,
      get compared() {
        return compared();
      },
      targets: this.#own(batch.targets),
      labels,
      teacher,
      indices,
      get negatives() {
        return batch.negatives;
      },
      auxiliary: (name, x) => batch.auxiliary(this.#prefix + name, x),
      byEpoch: (name, at) => batch.byEpoch(this.#prefix + name, at),
      buffer: (path) => batch.buffer(this.#prefix + path),
      update: (buffer, value) => batch.update(buffer, value),
    };
  }

  setting(setting: Setting): Setting {
    const { student, module, teacher, classes } = setting;
    const compared = () => this.#compared(setting.compared);
    return {
      student,
      get compared() {
        return compared();
      },
      module,
      targets: this.#own(setting.targets),
      teacher,
      classes,
      get images() {
        return setting.images;
      },
      peer: () => setting.peer(),
    };
  }

  #compared(all: readonly ComparedStage[]): Compared {
    const { name } = this.part.method;
    const [first, ...others] = all.filter(({ method }) => method === name);
    if (first) return [first, ...others];
    throw new LimbeckError("ARGUMENT", `method ${name} compares places, but pairs() gives none; give pairs`);
  }

  #named<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [this.#prefix + name, value]));
  }

  #own<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
    return Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) =>
        name.startsWith(this.#prefix) ? [[name.slice(this.#prefix.length), value]] : [],
      ),
    );
  }
}

function pairAt(student: Observed, teacher: Observed, pairing: Pairing): StagePair {
  return { teacher: stageAt(teacher, pairing.teacher), student: stageAt(student, pairing.student) };
}

function placeOf({ output, paths }: Stage): Place {
  return { ...paths, shape: output.shape.slice(1) };
}

function stageAt(network: Observed, { output, preActivation, norm }: StagePaths): Stage {
  const paths = { output, preActivation, ...(norm !== undefined && { norm }) };
  return { output: network.feature(output), preActivation: network.feature(preActivation), paths };
}
