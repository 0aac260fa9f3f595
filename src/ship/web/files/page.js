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

async function bitmapOf(blob) {
  try {
    return await createImageBitmap(blob);
  } catch (error) {
    throw new Error(`${blob.name || "This"} cannot be read as a picture: ${error.message}`, { cause: error });
  }
}
