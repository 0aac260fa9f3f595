// The page: a picture that is dropped, pasted or chosen, or the camera's, and the student's answers.
import { load, student } from "./student.js";

const element = (id) => document.getElementById(id);
const [about, drop, file, picture, video, hint, camera, answers] = [
  "about",
  "drop",
  "file",
  "picture",
  "video",
  "hint",
  "camera",
  "answers",
].map(element);
/** How many answers are shown. */
const SHOWN = 5;
/** The longer side of the picture on the page, in pixels. */
const PREVIEW = 640;

document.title = student.name;
element("name").textContent = student.name;

function tell(text, isError = false) {
  about.textContent = text;
  about.className = isError ? "error" : "";
}

function show(classes) {
  answers.replaceChildren(
    ...classes.slice(0, SHOWN).map(({ name, probability }) => {
      const [item, meter, share] = ["li", "meter", "output"].map((tag) => document.createElement(tag));
      meter.value = probability;
      meter.setAttribute("aria-label", name);
      share.textContent = `${(100 * probability).toFixed(1)} %`;
      item.append(name, meter, share);
      return item;
    }),
  );
}

try {
  const { classify } = await load();
  const ready = `Tells ${student.classes.length} classes apart. Ready.`;
  tell(ready);
  file.disabled = false;

  const answer = async (blob) => {
    stopCamera();
    try {
      const bitmap = await createImageBitmap(blob);
      const scale = Math.min(1, PREVIEW / Math.max(bitmap.width, bitmap.height));
      picture.width = Math.max(1, Math.round(bitmap.width * scale));
      picture.height = Math.max(1, Math.round(bitmap.height * scale));
      picture.getContext("2d").drawImage(bitmap, 0, 0, picture.width, picture.height);
      picture.hidden = false;
      const begun = performance.now();
      show(classify(bitmap));
      tell(`Answered in ${(performance.now() - begun).toFixed(1)} ms.`);
      bitmap.close();
    } catch (error) {
      answers.replaceChildren();
      tell(`${blob.name || "This"} cannot be read as a picture: ${error.message}`, true);
    }
  };
  const take = (files) => {
    const [first] = files;
    if (first) answer(first);
  };
  file.addEventListener("change", () => take(file.files));
  addEventListener("paste", ({ clipboardData }) => take(clipboardData.files));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", () => drop.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files);
  });

  // Pages that are not secure have no camera.
  camera.hidden = !navigator.mediaDevices?.getUserMedia;
  camera.addEventListener("click", async () => {
    if (video.srcObject) return stopCamera();
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await video.play();
      [video.hidden, picture.hidden, hint.hidden] = [false, true, true];
      camera.textContent = "Stop the camera";
      look();
    } catch (error) {
      stopCamera();
      tell(`The camera cannot be used: ${error.message}`, true);
    }
  });
  const look = () => {
    if (!video.srcObject) return;
    if (video.videoWidth > 0) {
      show(classify(video));
      tell("Looking through the camera.");
    }
    setTimeout(look, 200);
  };
  const stopCamera = () => {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    [video.hidden, hint.hidden] = [true, false];
    camera.textContent = "Use the camera";
  };
} catch (error) {
  tell(`The model cannot be loaded: ${error.message}`, true);
}
