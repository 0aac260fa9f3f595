/** @file Tells the service worker, in its own text, which files the folder has. */
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** For the build, in which the service worker is the entry `service-worker`. */
export function offline(): Plugin {
  return {
    name: "limbeck:offline",
    enforce: "post",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const hash = createHash("sha256");
        const files = Object.values(bundle).filter(({ fileName }) => fileName !== "service-worker.js");
        for (const file of files) hash.update(file.fileName).update(file.type === "chunk" ? file.code : file.source);
        const script = bundle["service-worker.js"];
        if (script?.type !== "chunk") this.error("the service worker should be a chunk of its own");
        const names = ["./", "./icon.svg", ...files.map(({ fileName }) => `./${fileName}`)];
        const constants = { FILES: names, VERSION: hash.digest("hex").slice(0, 16) };
        script.code = Object.entries(constants).reduce(
          (code, [name, value]) => code.replaceAll(new RegExp(`\\b${name}\\b`, "g"), () => JSON.stringify(value)),
          script.code,
        );
      },
    },
  };
}
