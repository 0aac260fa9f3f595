/** @file A teacher's outputs for a list of images, wherever they come from. */
import type { Dataset, Split } from "../data/dataset.ts";
import { mirrored } from "../data/shift.ts";
import { LimbeckError } from "../errors.ts";
import { shifted } from "../images/index.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/index.ts";
import { teacherView, type PixelNumbers, type Preprocessing } from "./preprocessing.ts";
import { descriptionOf, LOGITS, type Teacher, type TeacherDescription, type TeacherOutputs } from "./teacher.ts";

/** Images of a teacher's size, by their places; those of pictures in files are made when they are read. */
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
  const read: Readonly<Record<string, unknown>> | undefined = await outputs.read(from, to, wanted);
  for (const path of wanted) {
    const values = read?.[path];
    const size = (to - from) * sizeOf(shapes.get(path) ?? []);
    if (values instanceof Float32Array && values.length === size) continue;
    const got = values instanceof Float32Array ? values.length : "none";
    throw new LimbeckError(
      "SHAPE",
      `the teacher ${name} should give ${size} numbers of ${path} for the images ${from} to ${to - 1}, got ${got}; mend its read()`,
    );
  }
  return read as Readonly<Record<string, Float32Array>>;
}

/** A teacher's outputs, computed when they are read. `images` are of its size: a data set's split, if that has the same, or its own view of the pictures (`teacherImages`); `numbers` as `Teacher.outputs` takes them. Throws SHAPE. */
export function computedOutputs(teacher: Teacher, images: TeacherImages, numbers?: PixelNumbers): TeacherOutputs {
  const { name, preprocessing } = teacher;
  const size = sizeOf(preprocessing.inputShape);
  return {
    ...descriptionOf(teacher),
    count: images.count,
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

/** Its own view of the pictures that they were made of, decoded anew one batch at a time; of images that are no pictures in files, of these. */
export function teacherImages(
  { shape }: Pick<Dataset, "shape">,
  split: Split,
  preprocessing: Preprocessing,
): TeacherImages {
  const { originals, count } = split;
  if (originals) {
    return { count, image: async (i) => teacherView(await originals.picture(i), preprocessing).pixels };
  }
  const [channels, height, width] = shape;
  return {
    count,
    image: (i) => teacherView({ channels, height, width, pixels: split.image(i) }, preprocessing).pixels,
  };
}

/** The same images of a teacher's size, mirrored, left to right. */
export function mirroredImages(images: TeacherImages, [channels, height, width]: Dataset["shape"]): TeacherImages {
  return {
    count: images.count,
    image: async (i) => shifted({ channels, height, width, pixels: await images.image(i) }, mirrored).pixels,
  };
}

/** Outputs of which some are held for all images, and the others are read as before. */
export function withHeld(
  outputs: TeacherOutputs,
  held: ReadonlyMap<string, { readonly shape: Shape; readonly values: Float32Array }>,
): TeacherOutputs {
  return {
    ...outputs,
    async read(from, to, wanted) {
      const others = wanted.filter((path) => !held.has(path));
      const read = others.length > 0 ? await outputs.read(from, to, others) : {};
      const rows = wanted.flatMap((path) => {
        const all = held.get(path);
        return all ? [[path, rowsOf(all, from, to)] as const] : [];
      });
      return { ...read, ...Object.fromEntries(rows) };
    },
  };
}

/** Rows of what is held for all images. */
export function rowsOf(
  { shape: [, ...each], values }: { readonly shape: Shape; readonly values: Float32Array },
  from: number,
  to: number,
): Float32Array {
  const size = sizeOf(each);
  return values.slice(from * size, to * size);
}

/** The same with logits for other classes: `classes[i]` is what its logit `i` becomes, by the teacher's names. Throws ARGUMENT for a class that it does not have. */
export function forClasses(
  outputs: TeacherOutputs,
  classes: readonly string[],
  teacherLabels: readonly string[] | undefined = outputs?.classNames,
): TeacherOutputs {
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
  return withLogits(outputs, columns, classes);
}

/** The same with these of its logits alone, for classes of these names. */
export function withLogits(
  outputs: TeacherOutputs,
  columns: readonly number[],
  classNames: readonly string[],
): TeacherOutputs {
  const [known = 0] = outputs.shapes.get(LOGITS) ?? [];
  return {
    ...withTheseLogits(outputs, columns, classNames),
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

/** The description of what has these of its logits alone. */
export function withTheseLogits<Described extends TeacherDescription>(
  of: Described,
  columns: readonly number[],
  classNames: readonly string[],
): Described {
  return { ...of, classNames, shapes: new Map([...of.shapes, [LOGITS, [columns.length]]]) };
}

function wrongSize(name: string, shape: Shape, bytes: number): never {
  throw new LimbeckError(
    "SHAPE",
    `the teacher ${name} takes images of ${formatShape(shape)}, but got one of ${bytes} bytes; give it its own view of them (teacherView)`,
  );
}
