// The page of a student: what it says of pictures, computed here.
import { load, student } from "./student.js";
import { introduce, takePictures, tell } from "./view.js";

introduce(student.name, 'Pictures stay on this device. <a href="card.md">About this model</a>');

try {
  const { classify } = await load();
  tell(`Tells ${student.classes.length} classes apart. Ready.`);
  takePictures(async (source) => [{ classes: classify(source instanceof Blob ? await bitmapOf(source) : source) }]);
} catch (error) {
  tell(`The model cannot be loaded: ${error.message}`, true);
}

/** Pixels of a picture: their bytes, which take four times as many, have to fit the memory of a phone. */
const MOST = 2 ** 27;

async function bitmapOf(blob) {
  const bitmap = await createImageBitmap(blob).catch((cause) => {
    throw new Error(`${blob.name || "This"} cannot be read as a picture: ${cause.message}`, { cause });
  });
  const { width, height } = bitmap;
  if (width * height <= MOST) return bitmap;
  bitmap.close();
  throw new Error(`A picture has to have at most ${MOST} pixels, not ${width} x ${height}. Make it smaller.`);
}
