/** @file Builds the playground into `dist-web/`, from Limbeck's sources, and serves it as a page that may share memory between threads. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { catalogue } from "./catalogue.ts";
import { contentSecurityPolicy } from "./content-security-policy.ts";
import { offline } from "./offline.ts";
import { withoutNode } from "./without-node.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What makes a page cross-origin isolated: without them it computes on one thread. */
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const alias = [
  { find: /^limbeck$/, replacement: here("../src/entries/index.ts") },
  { find: /^limbeck\/methods\/(.+)$/, replacement: here("../src/distill/methods/$1.ts") },
  { find: /^limbeck\/student\/(.+)$/, replacement: here("../src/ship/web/files/$1") },
  { find: /^limbeck\/(.+)$/, replacement: here("../src/entries/$1.ts") },
];

/** What every training needs, with all that it imports, in a file each: in many small ones, each compressed for itself, it is larger. */
const together = [
  { name: "training", test: /web\/src\/worker\/training\.ts$/, priority: 2 },
  { name: "wasm", test: /src\/engine\/wasm\/index\.ts$/, priority: 1 },
];

export default defineConfig({
  root: here("."),
  // Relative, so that the folder works under any address.
  base: "./",
  resolve: { alias },
  server: { headers },
  preview: { headers },
  worker: {
    format: "es",
    plugins: () => [withoutNode(), catalogue()],
    rolldownOptions: { output: { codeSplitting: { groups: together } } },
  },
  plugins: [withoutNode(), catalogue(), contentSecurityPolicy(), offline()],
  build: {
    outDir: here("../dist-web"),
    emptyOutDir: true,
    target: "es2022",
    // Browsers of that age preload modules themselves.
    modulePreload: { polyfill: false },
  },
});
