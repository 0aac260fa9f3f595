/** @file One method among several: what it makes carries its name, and what it is shown is its own alone. */
import { checkArguments, isObject, type Kind } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type {
  AuxiliaryModule,
  Batch,
  Compared,
  ComparedStage,
  Losses,
  MadeStudent,
  PretrainingPhase,
  Setting,
  Targets,
  Weight,
} from "./method.ts";
import type { Observed, TeacherWeights } from "./observed.ts";
import { pairingOf, pairOf, pairTargets, withoutPrefix, type Pairing } from "./pairing.ts";
import type { ResolvedMethod } from "./resolve.ts";

const someWeights: Kind = { expected: "a function that gives weights by name", is: isObject };

/** A method with its options bound. Names of its modules, targets and phases begin with the prefix. */
export class View {
  readonly resolved: ResolvedMethod;
  readonly #prefix: string;

  constructor(resolved: ResolvedMethod, prefix: string) {
    this.resolved = resolved;
    this.#prefix = prefix;
  }

  /** Its own weights, without the labels'. */
  weights(): Readonly<Record<string, Weight>> {
    const { method, values } = this.resolved;
    const weights = method.weights(values);
    checkArguments(`method ${method.name}`, { weights: [weights, someWeights] });
    return weights;
  }

  /** Its own losses, without the labels'. */
  losses(batch: Batch): Losses {
    const { method, values } = this.resolved;
    return method.losses(this.#batch(batch), values);
  }

  pairings(student: Observed, teacher: Observed): Pairing[] {
    const { method, values } = this.resolved;
    return (method.pairs?.(student, teacher, values) ?? []).map((pair) => pairingOf(method.name, pair));
  }

  wholeTargets(teacher: Observed, weights: TeacherWeights, student: Observed, pairings: readonly Pairing[]): Targets {
    const { method, values } = this.resolved;
    if (!method.needsTeacher || !method.targets) return {};
    const own = pairings.filter((pairing) => pairing.method === method.name);
    const pairs = own.map((pairing) => pairOf(pairing, teacher, student));
    return this.#named(method.targets(teacher, values, weights, pairs));
  }

  pairTargets(teacher: Observed, weights: TeacherWeights, student: Observed, pairings: readonly Pairing[]): Targets {
    const { method, values } = this.resolved;
    const ofPairs = pairings.map((pairing, i) =>
      pairing.method === method.name && method.pairTargets
        ? pairTargets(i, method.pairTargets(pairOf(pairing, teacher, student), values, weights))
        : {},
    );
    return Object.assign({}, ...ofPairs);
  }

  auxiliaries(setting: Setting): Readonly<Record<string, AuxiliaryModule>> {
    const { method, values } = this.resolved;
    return this.#named(method.auxiliaries?.(this.#setting(setting), values) ?? {});
  }

  pretraining(): PretrainingPhase[] {
    const { method, values } = this.resolved;
    const prefix = this.#prefix;
    return (method.pretraining?.(values) ?? []).map((phase): PretrainingPhase => {
      const losses = (batch: Batch) => phase.losses(this.#batch(batch));
      if (prefix === "") return { ...phase, losses };
      const trains = phase.trains?.map((name) => (name === "student" ? name : prefix + name)) ?? ["student", prefix];
      return { ...phase, name: prefix + phase.name, trains, losses };
    });
  }

  /** How it makes another network of the student, if it does. */
  get student(): ((setting: Setting) => MadeStudent) | undefined {
    const { method, values } = this.resolved;
    const student = method.student?.bind(method);
    return student && ((setting) => student(this.#setting(setting), values));
  }

  // NOTE: written out, because a spread would ask for the members that throw where they are not to be had.
  #batch(batch: Batch): Batch {
    const { images, student, labels, teacher, indices } = batch;
    const compared = () => this.#compared(batch.compared);
    const strong = () => ({ ...batch.strong, targets: withoutPrefix(batch.strong.targets, this.#prefix) });
    return {
      images,
      student,
      get compared() {
        return compared();
      },
      targets: withoutPrefix(batch.targets, this.#prefix),
      labels,
      teacher,
      indices,
      get negatives() {
        return batch.negatives;
      },
      get strong() {
        return strong();
      },
      classWeights: batch.classWeights,
      labelsLoss: (logits) => batch.labelsLoss(logits),
      auxiliary: (name, x) => batch.auxiliary(this.#prefix + name, x),
      byEpoch: (name, at) => batch.byEpoch(this.#prefix + name, at),
      buffer: (path) => batch.buffer(this.#prefix + path),
      update: (buffer, value) => batch.update(buffer, value),
    };
  }

  #setting(setting: Setting): Setting {
    const { student, module, teacher, classes } = setting;
    const compared = () => this.#compared(setting.compared);
    return {
      student,
      get compared() {
        return compared();
      },
      module,
      targets: withoutPrefix(setting.targets, this.#prefix),
      teacher,
      classes,
      get images() {
        return setting.images;
      },
      peer: () => setting.peer(),
    };
  }

  #compared(all: readonly ComparedStage[]): Compared {
    const { name } = this.resolved.method;
    const [first, ...others] = all.filter(({ method }) => method === name);
    if (first) return [first, ...others];
    throw new LimbeckError("ARGUMENT", `method ${name} compares places, but pairs() gives none; give pairs`);
  }

  #named<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [this.#prefix + name, value]));
  }
}
