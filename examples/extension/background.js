/** @file The extension's service worker: fetches the picture that the content script names, and answers with its classes. */
import { load } from "./student/student.js";

/** Loaded at the first question, and again if the browser has stopped the worker. */
let loaded;

async function classes(address) {
  const { classify } = await (loaded ??= load());
  const response = await fetch(address);
  return classify(await createImageBitmap(await response.blob())).slice(0, 3);
}

chrome.runtime.onMessage.addListener((address, _, answer) => {
  classes(address).then(
    (classes) => answer({ classes }),
    (error) => answer({ error: `not classified: ${error.message}` }),
  );
  return true; // the answer comes later
});
