// The page of a student: what it says of pictures, computed here.
import { load, student } from "./student.js";
import { takePictures, tell } from "./view.js";

document.title = student.name;
document.getElementById("name").textContent = student.name;

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
