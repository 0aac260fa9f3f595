/** @file The images of a data set as a teacher sees them. */
import type { Dataset, Split } from "../data/dataset.ts";
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
