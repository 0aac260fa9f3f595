/** @file Adds the service worker, which is told in its own text which files the folder has. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** Its scope is the folder that it lies in. */
const fileName = "service-worker.js";

export function offline(): Plugin {
  return {
    name: "limbeck:offline",
    enforce: "post",
    apply: "build",
    buildStart() {
      this.emitFile({
        type: "chunk",
        id: fileURLToPath(new URL("./src/service-worker.ts", import.meta.url)),
        fileName,
      });
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const hash = createHash("sha256");
        const files = Object.values(bundle).filter((file) => file.fileName !== fileName);
        for (const file of files) hash.update(file.fileName).update(file.type === "chunk" ? file.code : file.source);
        const script = bundle[fileName];
        if (script?.type !== "chunk") this.error("the service worker should be a chunk of its own");
        const names = ["./", ...files.map(({ fileName }) => `./${fileName}`)];
        const constants = { FILES: names, VERSION: hash.digest("hex").slice(0, 16) };
        script.code = Object.entries(constants).reduce(
          (code, [name, value]) => code.replaceAll(new RegExp(`\\b${name}\\b`, "g"), () => JSON.stringify(value)),
          script.code,
        );
      },
    },
  };
}
