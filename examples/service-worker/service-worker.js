/** @file Keeps the page and the student, and answers `classify` itself: after the first visit, no network is needed. */
import { load } from "./student/student.js";

const cacheName = "student-1"; // another name for another student
const student = ["student/student.wasm", "student/weights.bin"];
const files = ["./", "main.js", ...student];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.url === new URL("classify", registration.scope).href) event.respondWith(answer(request));
  else event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});

/** Loaded at the first question. What a service worker fetches does not pass through itself, so the student gets its files from the cache. */
let loaded;
const ready = () => (loaded ??= load({ wasm: kept(student[0]), weights: kept(student[1]) }));

async function kept(path) {
  const response = await caches.match(path);
  return response.arrayBuffer();
}

async function answer(request) {
  try {
    const picture = await createImageBitmap(await request.blob());
    const { classify } = await ready();
    return Response.json({ classes: classify(picture) });
  } catch (error) {
    return Response.json({ error: error.message }, { status: 400 });
  }
}
