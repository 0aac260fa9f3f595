/** @file Keeps the page's files for visits without a network, and adds the headers without which a page may not share memory between threads. */

/** What of a service worker's global is used; the DOM's types have none. */
interface ServiceWorkerGlobal {
  addEventListener(kind: "install" | "activate", listen: (event: LifeEvent) => void): void;
  addEventListener(kind: "fetch", listen: (event: FetchEvent) => void): void;
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
}
interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/** Put in by the build: every file of the folder, and what changes with any of them. */
declare const FILES: readonly string[];
declare const VERSION: string;

const worker = globalThis as unknown as ServiceWorkerGlobal;
const CACHE = `limbeck-playground-${VERSION}`;

worker.addEventListener("install", (event) => event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES))));

// A page that is open keeps the files that it came with: a new version takes over when the last of them is closed.
worker.addEventListener("activate", (event) => event.waitUntil(Promise.all([removeOthers(), worker.clients.claim()])));

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === worker.location.origin) event.respondWith(answer(event.request));
});

async function removeOthers(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith("limbeck-playground-") && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  // Settings follow the page's address.
  const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
  const { body, status, statusText, headers } = kept ?? (await fetch(request));
  const isolated = new Headers(headers);
  isolated.set("Cross-Origin-Opener-Policy", "same-origin");
  isolated.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(body, { status, statusText, headers: isolated });
}
