/** @file Leaves out of a bundle what needs Node: what package.json's `browser` names, as source files. */
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import manifest from "../package.json" with { type: "json" };

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const leftOut = new Set(
  Object.keys(manifest.browser).map((path) => here(`../${path}`).replace("/dist/", "/src/").replace(/\.js$/, ".ts")),
);

export function withoutNode(): Plugin {
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
