/** @file Several methods at once: their losses added, the cross entropy taken once. */
import { anObject, aString, checkArguments, listOf, optional } from "../arguments.ts";
import { z } from "zod";
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import type { Batch, Losses, Method, Setting, TeachingStage, Weight } from "./method.ts";
import { aMethod, objective, type Objective } from "./objective.ts";

/** The option that every part may have and only the first part's cross entropy uses. */
const SHARED_OPTION = "ceWeight";

/** The option that, said plainly, goes to every part that has it. */
const PAIRS_OPTION = "pairs";

/**
 * The methods as one, named `kd+at`. An option is named plainly where one method alone has it, else `at.attentionWeight`;
 * `ceWeight` is that of the first method which has one, since its cross entropy is the one taken; `pairs` are those of all
 * methods that compare places. Loss names that two methods share come
 * with the method's: `mlkd.kd`.
 * A preset is taken of every method.
 *
 * Throws ARGUMENT for a method given twice, for options as `objective` does, and where two methods make another network of
 * the student; UNKNOWN_NAME for an option that none of them has.
 */
export function combined(
  methods: readonly Method<unknown>[],
  options: Readonly<Record<string, unknown>> = {},
  preset?: string,
): Objective {
  checkArguments("combined", {
    methods: [methods, listOf(aMethod)],
    options: [options, anObject],
    preset: [preset, optional(aString)],
  });
  const [only] = methods;
  if (methods.length === 1) return objective(only!, options as Partial<unknown>, preset);
  checkDistinct(methods);
  const given = distribute(methods, options);
  const parts = methods.map((method) => objective(method, given.get(method)! as Partial<unknown>, preset));
  const [maker, another] = parts.filter(({ student }) => student);
  if (maker && another) {
    throw new LimbeckError(
      "ARGUMENT",
      `${maker.name} and ${another.name} both make a network of the student; leave one out`,
    );
  }
  const name = parts.map((part) => part.name).join("+");
  const named = (part: Objective, term: string) => termName(parts, part, term);
  const counts = parts.flatMap(({ needs }) => needs.negatives?.count ?? []);
  return {
    name,
    title: parts.map(({ title }, i) => (i === 0 ? title : title.toLowerCase())).join(" and "),
    needsTeacher: parts.some(({ needsTeacher }) => needsTeacher),
    options: Object.fromEntries(parts.map((part) => [part.name, part.options])),
    ...(preset !== undefined && { preset }),
    weights: merged(parts, ({ weights }) => weights, named),
    needs: counts.length > 0 ? { negatives: { count: Math.max(...counts) } } : {},
    stages: parts.flatMap((part) => part.stages.map((stage) => stageOf(part, stage))),
    pairings: (student, teacher) => parts.flatMap((part) => part.pairings(student, teacher)),
    targets: (teacher, weights, student, pairings) =>
      prefixed(parts, (part) => (part.needsTeacher ? part.targets(teacher, weights, student, pairings) : {})),
    extras: (setting) => prefixed(parts, (part) => part.extras(settingOf(part, setting))),
    losses: (batch) => merged(parts, (part) => part.losses(batchOf(part, batch)), named),
    ...(maker && { student: (setting: Setting) => maker.student!(settingOf(maker, setting)) }),
  };
}

/** Each method's own options, by its own names. */
function distribute(
  methods: readonly Method<unknown>[],
  options: Readonly<Record<string, unknown>>,
): Map<Method<unknown>, Record<string, unknown>> {
  // NOTE: entries, because assigning the key `__proto__` would set no key.
  const given = new Map(methods.map((method) => [method, [] as [string, unknown][]]));
  for (const [key, value] of Object.entries(options)) {
    const at = key.indexOf(".");
    const [prefix, name] = at < 0 ? [undefined, key] : [key.slice(0, at), key.slice(at + 1)];
    const nested = methods.find((method) => method.name === key);
    const comparing = methods.filter((method) => key === PAIRS_OPTION && optionNames(method).includes(PAIRS_OPTION));
    if (nested && typeof value === "object" && value !== null) given.get(nested)!.push(...Object.entries(value));
    else if (comparing.length > 0) for (const method of comparing) given.get(method)!.push([key, value]);
    else given.get(ownerOf(methods, prefix, name))!.push([name, value]);
  }
  return new Map([...given].map(([method, entries]) => [method, Object.fromEntries(entries)]));
}

function ownerOf(methods: readonly Method<unknown>[], prefix: string | undefined, option: string): Method<unknown> {
  if (prefix !== undefined) {
    const method = methods.find(({ name }) => name === prefix);
    return (
      method ??
      unknownName(
        "method of the combination",
        prefix,
        methods.map(({ name }) => name),
      )
    );
  }
  const owners = methods.filter((method) => optionNames(method).includes(option));
  if (owners.length === 0) unknownName("option", option, [...new Set(methods.flatMap(optionNames))]);
  if (owners.length > 1 && option !== SHARED_OPTION) {
    throw new LimbeckError(
      "ARGUMENT",
      `option ${option} should say whose it is, ${owners.map(({ name }) => `${name}.${option}`).join(" or ")}`,
    );
  }
  return owners[0]!;
}

function optionNames({ options }: Method<unknown>): string[] {
  return Object.keys(z.toJSONSchema(options, { io: "input" }).properties ?? {});
}

/** Values by the name of their loss, each part's, the cross entropy of the first that has one. */
function merged<Value extends Weight | Losses[string]>(
  parts: readonly Objective[],
  valuesOf: (part: Objective) => Readonly<Record<string, Value>>,
  named: (part: Objective, term: string) => string,
): Record<string, Value> {
  const first = parts.find(({ weights }) => "ce" in weights);
  const entries = parts.flatMap((part) =>
    Object.entries(valuesOf(part))
      .filter(([term]) => term !== "ce" || part === first)
      .map(([term, value]) => [named(part, term), value] as const),
  );
  return Object.fromEntries(entries);
}

function termName(parts: readonly Objective[], part: Objective, term: string): string {
  const holders = parts.filter(({ weights }) => term in weights);
  return term === "ce" || holders.length <= 1 ? term : `${part.name}.${term}`;
}

function prefixed<Value>(
  parts: readonly Objective[],
  valuesOf: (part: Objective) => Readonly<Record<string, Value>>,
): Record<string, Value> {
  return Object.fromEntries(
    parts.flatMap((part) => Object.entries(valuesOf(part)).map(([name, value]) => [`${part.name}/${name}`, value])),
  );
}

function own<Value>(part: Objective, values: Readonly<Record<string, Value>>): Record<string, Value> {
  const prefix = `${part.name}/`;
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

// NOTE: written out, because a spread would ask for the members that throw where they are not to be had.
function batchOf(part: Objective, batch: Batch): Batch {
  const { images, student, labels, teacher, indices } = batch;
  return {
    images,
    student,
    compared: batch.compared.filter(({ method }) => method === part.name),
    targets: own(part, batch.targets),
    labels,
    teacher,
    indices,
    get negatives() {
      return batch.negatives;
    },
    extra: (name, x) => batch.extra(`${part.name}/${name}`, x),
    buffer: (path) => batch.buffer(`${part.name}/${path}`),
    update: (buffer, value) => batch.update(buffer, value),
  };
}

function settingOf(part: Objective, setting: Setting): Setting {
  const { student, module, teacher, classes } = setting;
  return {
    student,
    compared: setting.compared.filter(({ method }) => method === part.name),
    module,
    targets: own(part, setting.targets),
    teacher,
    classes,
    get images() {
      return setting.images;
    },
    peer: () => setting.peer(),
  };
}

function stageOf(part: Objective, stage: TeachingStage): TeachingStage {
  const prefix = `${part.name}/`; // By itself it stands for all of the part's.
  return {
    ...stage,
    name: `${part.name}/${stage.name}`,
    trains: stage.trains?.map((name) => (name === "student" ? name : prefix + name)) ?? ["student", prefix],
    losses: (batch) => stage.losses(batchOf(part, batch)),
  };
}

function checkDistinct(methods: readonly Method<unknown>[]): void {
  const twice = methods.find(({ name }, i) => methods.findIndex((other) => other.name === name) < i);
  if (twice) throw new LimbeckError("ARGUMENT", `method ${twice.name} should be given once; leave the second out`);
}
