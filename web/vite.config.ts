/** @file Builds the playground into `dist-web/`, from Limbeck's sources, and serves it as a page that may share memory between threads. */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import manifest from "../package.json" with { type: "json" };
import { offline } from "./offline.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What makes a page cross-origin isolated: without them it computes on one thread. */
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const alias = [
  { find: /^limbeck$/, replacement: here("../src/entries/index.ts") },
  { find: /^limbeck\/student\/(.+)$/, replacement: here("../src/ship/web/files/$1") },
  { find: /^limbeck\/(.+)$/, replacement: here("../src/entries/$1.ts") },
];

/** What needs Node and package.json's `browser` leaves out of bundles, as source files. */
const leftOut = new Set(
  Object.keys(manifest.browser).map((path) => here(`../${path}`).replace("/dist/", "/src/").replace(/\.js$/, ".ts")),
);

function withoutNode(): Plugin {
  return {
    name: "limbeck:without-node",
    enforce: "pre",
    async resolveId(source, importer) {
      if (!source.endsWith(".ts")) return null;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found && leftOut.has(found.id) ? here("./src/nothing.ts") : found;
    },
  };
}

export default defineConfig({
  root: here("."),
  // Relative, so that the folder works under any address.
  base: "./",
  resolve: { alias },
  server: { headers },
  preview: { headers },
  worker: { format: "es", plugins: () => [withoutNode()] },
  plugins: [withoutNode(), offline()],
  build: {
    outDir: here("../dist-web"),
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: {
      input: { index: here("./index.html"), "service-worker": here("./src/service-worker.ts") },
      output: {
        // Its scope is the folder that it lies in.
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
