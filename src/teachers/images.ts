/** @file The images of a data set as a teacher sees them. */
import type { Dataset, Split } from "../data/dataset.ts";
import { mirrored } from "../data/shift.ts";
import { shifted } from "../images/moves.ts";
import type { TeacherImages } from "./given.ts";
import { teacherView, type Preprocessing } from "./preprocessing.ts";

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
