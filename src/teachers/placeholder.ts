/** @file The network that stands for a teacher while methods are recorded, where only its outputs are known. */
import { observe, probe } from "../distill/observe.ts";
import type { Model } from "../models/index.ts";
import type { Module } from "../nn/index.ts";
import { input, type Shape, type Tensor } from "../tensor/index.ts";
import { LOGITS, type TeacherDescription } from "./teacher.ts";

/** The name of one of the outputs among a step's inputs. */
export function placeholderName(path: string): string {
  return `teacher ${path}`;
}

/**
 * A network that stands for a teacher: of the student's images and classes, its outputs placeholders that `cacheTargets` fills. Where the teacher's classes
 * are not the student's, its logits are none: methods that compare them are refused when they are cached.
 */
export function teacherPlaceholder(teacher: TeacherDescription, student: Pick<Model, "inputShape" | "classes">): Model {
  const { name, shapes, features, network, more } = teacher;
  const { inputShape, classes } = student;
  const pathOf = network ? placeholdersOf(network) : (path: string) => path;
  const [known] = shapes.get(LOGITS) ?? [];
  const logitsName = known === classes ? LOGITS : otherClasses(known);
  const module: Module = {
    parameters: network?.module.parameters ?? {},
    buffers: network?.module.buffers ?? {},
    children: network?.module.children ?? {},
    forward(x, _, { note }) {
      const n = x.shape[0]!;
      const placeholders = new Map<string, Tensor>();
      const placeholder = (path: string, shape: Shape): Tensor => {
        const known = placeholders.get(path) ?? input(placeholderName(path), [n, ...shape]);
        placeholders.set(path, known);
        return known;
      };
      const logits = placeholder(logitsName, [classes]);
      for (const [path, shape] of shapes) {
        if (path === LOGITS) continue;
        const same = pathOf(path);
        note(path, same === LOGITS ? logits : placeholder(same, shape));
      }
      return logits;
    },
  };
  return {
    name,
    module,
    inputShape,
    classes,
    features,
    external: { hasWeights: network !== undefined, more },
  };
}

/** Of a network's paths that name one tensor, the first, so that it is one here too; `logits` for that of its logits. */
function placeholdersOf(network: Model): (path: string) => string {
  const { pass, logits } = observe(network, probe(network), false);
  const first = new Map<Tensor, string>([[logits, LOGITS]]);
  for (const [path, tensor] of pass.outputs) if (!first.has(tensor)) first.set(tensor, path);
  return (path) => first.get(pass.outputs.get(path)!) ?? path;
}

/** The name of an input that stands for logits of other classes. */
function otherClasses(count: number | undefined): string {
  return `logits of ${count ?? 0} other classes`;
}
