/** @file Models recorded as methods see them. */
import type { Observed, Stage, TeacherWeights } from "./index.ts";
import { LimbeckError } from "../errors.ts";
import type { FeaturePlace, Model } from "../models/index.ts";
import { nearestName, unknownName } from "../nearest-name.ts";
import { frozen, namedStates, record, type Module, type Pass } from "../nn/index.ts";
import { formatShape, input, type Tensor } from "../tensor/index.ts";

/** A model recorded on x, `after` an earlier recording of the same step. */
export function observe(model: Model, x: Tensor, training: boolean, after?: Pass): ObservedPass {
  return observed(model, record(model.module, x, { training, after }));
}

/** What methods see of a recorded model, and the recording. */
export type ObservedPass = Observed & { readonly pass: Pass };

/** What methods see of a recording of the model. */
export function observed(model: Model, pass: ReturnType<typeof record>): ObservedPass {
  const { training } = pass;
  const feature = (path: string): Tensor =>
    pass.outputs.get(path) ?? unknownName(`module of ${model.name}`, path, [...pass.outputs.keys()].filter(Boolean));
  const stageOf = ({ output, preActivation, norm }: FeaturePlace): Stage => ({
    output: feature(output),
    preActivation: feature(preActivation),
    paths: { output, preActivation, norm },
  });
  const inside = model.inside === undefined ? "" : `${model.inside}.`;
  return {
    pass,
    logits: pass.output,
    feature,
    stage(path) {
      const found = [path, inside + path].find((candidate) => pass.outputs.has(candidate));
      if (found === undefined || found === "") return noStage(model, path, pass);
      const declared = model.features?.find(({ output }) => output === found);
      return stageOf(declared ?? { output: found, preActivation: found });
    },
    get stages() {
      const stages = placesOf(model).slice(0, -1).map(stageOf);
      return stages.length === 0 && model.external?.more !== undefined ? noPlaces(model) : stages;
    },
    get lastMap() {
      const last = placesOf(model).at(-2) ?? noPlaces(model);
      return stageOf(last.pooled === undefined ? last : { output: last.pooled, preActivation: last.pooled });
    },
    get embedding() {
      return feature(this.embeddingPath);
    },
    get embeddingPath() {
      return (placesOf(model).at(-1) ?? noPlaces(model)).output;
    },
    classify: (vectors) => record(moduleAt(model, classifierOf(model)), vectors, { training }).output,
  };
}

/** The weights of the teacher, if there is one. Each member throws ARGUMENT if there is none. */
export function weightsOf(teacher: Model | undefined, method: string): TeacherWeights {
  const present = (): Model => {
    if (teacher) return withWeights(teacher, method);
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method} uses the teacher's weights, but says that it needs no teacher`,
    );
  };
  return {
    run: (path, x) => record(moduleAt(present(), path), x, { training: false }).output,
    state: (path) => {
      const states = namedStates(present().module);
      return states.get(path) ?? unknownName(`weight of ${present().name}`, path, [...states.keys()]);
    },
    get classifier() {
      return classifierOf(present());
    },
    frozen: (path) => frozen(moduleAt(present(), path)),
  };
}

/** A placeholder for one image, to learn shapes from. */
export function probe(model: Model): Tensor {
  return input("images", [1, ...model.inputShape]);
}

/** Throws UNSUPPORTED for a teacher whose weights are not here. */
function withWeights(model: Model, method?: string): Model {
  if (model.external?.hasWeights !== false) return model;
  throw new LimbeckError(
    "UNSUPPORTED",
    `${method === undefined ? "a method" : `method ${method}`} uses the teacher's weights, but ${model.name} is known by its outputs alone; ` +
      "take a method that compares outputs, or a teacher that can be imported",
  );
}

function placesOf(model: Model): readonly FeaturePlace[] {
  const { features = [] } = model;
  return features.length > 0 ? features : noPlaces(model);
}

/** Tells the stages first: they are what one mostly wants. */
function noStage({ name, features = [], external }: Model, path: string, { outputs }: Pass): never {
  const modules = [...outputs.keys()].filter(Boolean);
  const near = nearestName(path, modules);
  const stages = features.flatMap(({ output }) => {
    const found = outputs.get(output);
    return found ? [`${output} ${formatShape(found.shape.slice(1))}`] : [];
  });
  throw new LimbeckError(
    "UNKNOWN_NAME",
    `unknown module "${path}" of ${name}${near === undefined ? "" : `; did you mean ${near}?`} ` +
      `${stages.length > 0 ? `Its stages: ${stages.join(", ")}` : `Its modules: ${modules.slice(0, 20).join(", ")}`}. ` +
      `A pair names the teacher's module first, then the student's.${external?.more === undefined ? "" : ` ${external.more}`}`,
  );
}

function noPlaces({ name, external }: Model): never {
  if (external?.more !== undefined)
    throw new LimbeckError("ARGUMENT", `${name} has no stages for the method to compare. ${external.more}`);
  throw new LimbeckError(
    "ARGUMENT",
    `${name} declares no stages, which the method looks for; name modules with pairs (--pair teacher=student), give the model ` +
      "features, or choose a model of limbeck list models",
  );
}

function moduleAt(model: Model, path: string): Module {
  const found = path.split(".").reduce<Module | undefined>((module, name) => module?.children?.[name], model.module);
  return (
    found ??
    unknownName(
      `module of ${model.name}`,
      path,
      [...record(model.module, probe(model), { training: false }).outputs.keys()].filter(Boolean),
    )
  );
}

/** The path of the innermost module whose output the logits are. Throws UNSUPPORTED for a model without weights, ARGUMENT where no module gives the logits. */
export function classifierOf(model: Model): string {
  const { outputs, output } = record(withWeights(model).module, probe(model), { training: false });
  const paths = [...outputs].filter(([path, tensor]) => path !== "" && tensor === output).map(([path]) => path);
  const innermost = paths.reduce<string | undefined>(
    (a, b) => (a !== undefined && a.length > b.length ? a : b),
    undefined,
  );
  if (innermost !== undefined) return innermost;
  throw new LimbeckError(
    "ARGUMENT",
    `${model.name}: the logits should be the output of a module, its classifier, got a sum of several`,
  );
}
