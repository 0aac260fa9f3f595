/** @file Bundles Limbeck into `dist-web/embed/limbeck.js`, which pages of others import as it lies there. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { withoutNode } from "./without-node.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: false,
  plugins: [withoutNode()],
  worker: { format: "es" },
  build: {
    outDir: here("../dist-web/embed"),
    emptyOutDir: true,
    target: "es2022",
    lib: { entry: here("../src/entries/index.ts"), formats: ["es"], fileName: "limbeck" },
  },
});
