// The view of a page: a picture that is dropped, pasted or chosen, or the camera's, and what networks say of it.

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
/** How many classes of a network are shown. */
const SHOWN = 5;
/** The longer side of the picture on the page, in pixels. */
const PREVIEW = 640;
/** Milliseconds from one look through the camera to the next. */
const PAUSE = 200;

/** Milliseconds that an answer may take before it is said that it is waited for. */
const PATIENCE = 300;

// What start.js waits for: the page's modules run.
tell("Loading the model …");

/** The page's title, and in HTML what becomes of pictures. */
export function introduce(name, note) {
  document.title = name;
  element("name").textContent = name;
  element("note").innerHTML = note;
}

/** Says how it stands. */
export function tell(text, isError = false) {
  // What is said again is not read aloud again.
  if (about.textContent !== text) about.textContent = text;
  about.className = isError ? "error" : "";
}

/**
 * Begins to take pictures. `ask` is given a file (a Blob) or the camera's video, and promises what each network says:
 * `[{ title, classes: [{ name, probability }] }]`, the most probable class first, the title only where there are several. Its errors are shown.
 */
export function takePictures(ask) {
  file.disabled = false;
  /** Which question is the latest: answers to earlier ones come too late. */
  let asked = 0;

  const answer = async (source) => {
    const mine = ++asked;
    const begun = performance.now();
    const waiting = setTimeout(
      () => mine === asked && source !== video && tell(`Looking at ${source.name} …`),
      PATIENCE,
    );
    try {
      const networks = await ask(source).finally(() => clearTimeout(waiting));
      if (mine !== asked) return;
      show(networks);
      if (source === video) return tell("Looking through the camera.");
      tell(`Answered in ${(performance.now() - begun).toFixed(1)} ms.`);
      await preview(source);
    } catch (error) {
      if (mine !== asked) return;
      stopCamera();
      answers.replaceChildren();
      picture.hidden = true;
      tell(error.message, true);
    }
  };
  const take = ([first]) => {
    if (!first) return;
    stopCamera();
    answer(first);
  };
  file.addEventListener("change", () => {
    take(file.files);
    // So that the same file may be chosen again.
    file.value = "";
  });
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
      // Five lists a second are not for reading aloud.
      answers.setAttribute("aria-live", "off");
      look();
    } catch (error) {
      stopCamera();
      tell(`The camera cannot be used: ${error.message}`, true);
    }
  });
  const look = async () => {
    if (!video.srcObject) return;
    if (video.videoWidth > 0) await answer(video);
    setTimeout(look, PAUSE);
  };
  const stopCamera = () => {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    if (video.srcObject) asked++;
    video.srcObject = null;
    [video.hidden, hint.hidden] = [true, false];
    answers.setAttribute("aria-live", "polite");
    camera.textContent = "Use the camera";
  };
}

function show(networks) {
  answers.replaceChildren(
    ...networks.map(({ title, classes }) => {
      const [section, heading, list] = ["section", "h2", "ol"].map((tag) => document.createElement(tag));
      heading.textContent = title;
      list.append(...classes.slice(0, SHOWN).map(itemOf));
      section.append(...(title ? [heading, list] : [list]));
      return section;
    }),
  );
}

function itemOf({ name, probability }) {
  const [item, label, meter, share] = ["li", "span", "meter", "span"].map((tag) => document.createElement(tag));
  label.textContent = name;
  meter.value = probability;
  meter.setAttribute("aria-label", name);
  share.textContent = `${(100 * probability).toFixed(1)} %`;
  share.className = "share";
  item.append(label, meter, share);
  return item;
}

/** Shows the picture, if the browser can; the networks may read formats that it cannot. */
async function preview(blob) {
  const bitmap = await createImageBitmap(blob).catch(() => undefined);
  picture.hidden = !bitmap;
  if (!bitmap) return;
  const scale = Math.min(1, PREVIEW / Math.max(bitmap.width, bitmap.height));
  picture.width = Math.max(1, Math.round(bitmap.width * scale));
  picture.height = Math.max(1, Math.round(bitmap.height * scale));
  picture.getContext("2d").drawImage(bitmap, 0, 0, picture.width, picture.height);
  bitmap.close();
}
