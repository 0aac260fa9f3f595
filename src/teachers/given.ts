/** @file A teacher's outputs for the training images, wherever they come from, and the network that stands for it while methods are recorded. */
import { aNumber, aShape, aString, checkArguments, having, listOf, optional } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { FeaturePlace, Model } from "../models/model.ts";
import type { Module } from "../nn/index.ts";
import { formatShape, input, sizeOf, type Shape, type Tensor } from "../tensor/index.ts";
import { observe, probe } from "../distill/observe.ts";
import { aTeacher, someImages, someOutputs } from "./kinds.ts";
import type { PixelNumbers } from "./preprocessing.ts";
import { LOGITS, type Teacher } from "./teacher.ts";

/** Outputs of a teacher for a list of images, read by their places in it. */
export interface TeacherOutputs {
  readonly name: string;
  /** In the order of its logits, if known. */
  readonly classNames?: readonly string[];
  /** Images. */
  readonly count: number;
  /** What it can give, by name: the shape of each for one image. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly features?: readonly FeaturePlace[];
  /** Its network, where its weights are open to methods. */
  readonly network?: Model;
  /** How it can be made to give more, for messages. */
  readonly more?: string;
  /** What is wanted, by name, of the images `from` to before `to`: [to - from, ...shape] each. */
  read(from: number, to: number, wanted: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>;
}

/** Images of a teacher's size, by their places; those of pictures in files are made when they are asked for. */
export interface TeacherImages {
  readonly count: number;
  image(i: number): Uint8Array | Promise<Uint8Array>;
}

/** What a teacher gives of these images, checked. Throws SHAPE, naming the output, for anything but so many numbers. */
export async function readOutputs(
  outputs: Pick<TeacherOutputs, "name" | "shapes" | "read">,
  from: number,
  to: number,
  wanted: readonly string[],
): Promise<Readonly<Record<string, Float32Array>>> {
  const { name, shapes } = outputs;
  const given: Readonly<Record<string, unknown>> | undefined = await outputs.read(from, to, wanted);
  for (const path of wanted) {
    const values = given?.[path];
    const size = (to - from) * sizeOf(shapes.get(path) ?? []);
    if (values instanceof Float32Array && values.length === size) continue;
    const got = values instanceof Float32Array ? values.length : "none";
    throw new LimbeckError(
      "SHAPE",
      `the teacher ${name} should give ${size} numbers of ${path} for the images ${from} to ${to - 1}, got ${got}; mend its read()`,
    );
  }
  return given as Readonly<Record<string, Float32Array>>;
}

/** A teacher's outputs, computed when they are read. `images` are of its size: a data set's split, if that has the same, or its own view of the pictures (`teacherImages`); `numbers` as `Teacher.outputs` takes them. Throws SHAPE. */
export function outputsOf(teacher: Teacher, images: TeacherImages, numbers?: PixelNumbers): TeacherOutputs {
  checkArguments("outputsOf", { teacher: [teacher, aTeacher], images: [images, someImages] });
  const { name, classNames, shapes, features, network, preprocessing, more } = teacher;
  const size = sizeOf(preprocessing.inputShape);
  return {
    name,
    ...(classNames && { classNames }),
    count: images.count,
    shapes,
    ...(features && { features }),
    ...(network && { network }),
    ...(more !== undefined && { more }),
    async read(from, to, wanted) {
      const pixels = new Uint8Array((to - from) * size);
      const wantedImages = Array.from({ length: to - from }, async (_, i) => images.image(from + i));
      for (const [i, image] of (await Promise.all(wantedImages)).entries()) {
        if (image.length !== size) wrongSize(name, preprocessing.inputShape, image.length);
        pixels.set(image, i * size);
      }
      return teacher.outputs(pixels, to - from, wanted, numbers);
    },
  };
}

/** The same with logits for other classes: `classes[i]` is what its logit `i` becomes, by the teacher's names. Throws ARGUMENT for a class that it does not tell. */
export function forClasses(
  outputs: TeacherOutputs,
  classes: readonly string[],
  teacherLabels: readonly string[] | undefined = outputs?.classNames,
): TeacherOutputs {
  checkArguments("forClasses", {
    outputs: [outputs, someOutputs],
    classes: [classes, listOf(aString)],
    teacherLabels: [teacherLabels, optional(listOf(aString))],
  });
  const { name, shapes } = outputs;
  const [known = 0] = shapes.get(LOGITS) ?? [];
  if (!teacherLabels || teacherLabels.length !== known) {
    throw new LimbeckError(
      "ARGUMENT",
      `the teacher ${name} should be told the names of its ${known} classes, got ${teacherLabels?.length ?? "none"}; give teacherLabels, one a logit`,
    );
  }
  const columns = classes.map((wanted) => teacherLabels.indexOf(wanted));
  const missing = classes.filter((_, i) => columns[i]! < 0);
  if (missing.length > 0) {
    throw new LimbeckError(
      "ARGUMENT",
      `the teacher ${name} does not tell ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ` and ${missing.length - 5} more classes` : ""}; ` +
        "give teacherLabels with the names of the data set, or teach by its embedding alone",
    );
  }
  return chosenClasses(outputs, columns, classes);
}

/** The same with these of its logits alone, for classes of these names. */
export function chosenClasses(
  outputs: TeacherOutputs,
  columns: readonly number[],
  classNames: readonly string[],
): TeacherOutputs {
  const { shapes } = outputs;
  const [known = 0] = shapes.get(LOGITS) ?? [];
  return {
    ...outputs,
    classNames,
    shapes: new Map([...shapes, [LOGITS, [columns.length]]]),
    async read(from, to, wanted) {
      const all = await readOutputs(outputs, from, to, wanted);
      const logits = all[LOGITS];
      if (!logits) return all;
      const chosen = new Float32Array((to - from) * columns.length);
      for (let i = 0; i < to - from; i++) {
        for (const [j, column] of columns.entries()) chosen[i * columns.length + j] = logits[i * known + column]!;
      }
      return { ...all, [LOGITS]: chosen };
    },
  };
}

/** The name under which a step is given one of the outputs. */
export function givenName(path: string): string {
  return `teacher ${path}`;
}

/**
 * A network that stands for a teacher: of the student's images and classes, its outputs placeholders that `cacheGivenOutputs` fills. Where the teacher's classes
 * are not the student's, its logits are none: methods that compare them are refused when they are cached.
 */
export function standIn(outputs: TeacherOutputs, student: Pick<Model, "inputShape" | "classes">): Model {
  checkArguments("standIn", {
    outputs: [outputs, someOutputs],
    student: [student, having("an object", { inputShape: aShape, classes: aNumber })],
  });
  const { name, shapes, features, network, more } = outputs;
  const { inputShape, classes } = student;
  const pathOf = network ? placeholdersOf(network) : (path: string) => path;
  const [given] = shapes.get(LOGITS) ?? [];
  const logitsName = given === classes ? LOGITS : otherClasses(given);
  const module: Module = {
    ...(network && {
      parameters: network.module.parameters ?? {},
      buffers: network.module.buffers ?? {},
      children: network.module.children ?? {},
    }),
    forward(x, _, { note }) {
      const n = x.shape[0]!;
      const placeholders = new Map<string, Tensor>();
      const placeholder = (path: string, shape: Shape): Tensor => {
        const known = placeholders.get(path) ?? input(givenName(path), [n, ...shape]);
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
    ...(features && { features }),
    elsewhere: { hasWeights: network !== undefined, ...(more !== undefined && { more }) },
  };
}

/** Of a network's paths that name one tensor, the first, so that it is one here too; `logits` for that of its logits. */
function placeholdersOf(network: Model): (path: string) => string {
  const { pass, logits } = observe(network, probe(network), false);
  const first = new Map<Tensor, string>([[logits, LOGITS]]);
  for (const [path, tensor] of pass.outputs) if (!first.has(tensor)) first.set(tensor, path);
  return (path) => first.get(pass.outputs.get(path)!) ?? path;
}

/** What is asked for in the place of logits that are no such classes'. */
export function otherClasses(given: number | undefined): string {
  return `logits of ${given ?? 0} other classes`;
}

function wrongSize(name: string, shape: Shape, bytes: number): never {
  throw new LimbeckError(
    "SHAPE",
    `the teacher ${name} takes images of ${formatShape(shape)}, but got one of ${bytes} bytes; give it its own view of them (teacherView)`,
  );
}
