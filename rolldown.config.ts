/**
 * @file What is published for Node: the command line and the entries as one file with the packages that they need, which loads in
 * half the time of hundreds, and the file of a thread. Each entry lies where its source does, so that URLs of neighbours hold.
 */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig, type Plugin, type BuildOptions } from "rolldown";
import manifest from "./package.json" with { type: "json" };

/** Not in the bundle. The hub's library is loaded where somebody names the hub, and is larger than all the rest. */
const packages = [
  ...Object.keys({ ...manifest.peerDependencies, ...manifest.optionalDependencies }),
  "@huggingface/hub" satisfies keyof typeof manifest.dependencies,
];

const shared: BuildOptions = {
  platform: "node",
  external: packages.map((name) => new RegExp(`^${name}($|/)`)),
  transform: { target: "es2023" },
  // What replaces `import.meta.url` below keeps its source map by it.
  experimental: { nativeMagicString: true },
  // Some files are loaded by `import()` where they need not be loaded at all, as in a page.
  checks: { ineffectiveDynamicImport: false },
};

/**
 * Main looks at the version before anything else may be read. What decompresses Parquet makes WebAssembly memories when it is loaded,
 * which reserve more addresses than some processes have.
 */
const loadedAlone = /\/src\/cli\/main\.ts$|\/sources\/parquet\.ts$|\/node_modules\/(?:hyparquet|hysnappy|fzstd)/;

/** `src/cli/main.ts` by its name `cli/main`. */
const named = (sources: readonly string[]): Record<string, string> =>
  Object.fromEntries(sources.map((path) => [path.replace(/^src\/|\.ts$/g, ""), path]));

/** In a chunk, one folder below the entries, a file's URL is what it would be among them. */
const urls: Plugin = {
  name: "limbeck:urls",
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: "import.meta.url" },
    handler: (_, id, { magicString }) => {
      const path = id.replace(/^.*\/src\/(.*)\.ts$/, "../$1.js");
      magicString?.replaceAll("import.meta.url", `new URL("${path}", import.meta.url).href`);
      return { code: magicString! };
    },
  },
};

/** What is read as it is: the files of an exported page, and of a served one. */
const files: Plugin = {
  name: "limbeck:files",
  generateBundle() {
    for (const path of globSync("src/**/files/*"))
      this.emitFile({ type: "asset", fileName: path.replace("src/", ""), source: readFileSync(path) });
  },
};

/** The licences of the packages in the bundle. */
const licences: Plugin = {
  name: "limbeck:licences",
  generateBundle() {
    const folders = [...this.getModuleIds()].flatMap(
      (id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [],
    );
    const texts = [...new Set(folders)].toSorted().map((folder) => {
      const [file] = globSync(`${folder}/{LICENSE,LICENCE,license,licence}*`);
      if (file === undefined) throw new Error(`${folder} has no file of its licence`);
      return `# ${basename(folder)}\n\n${readFileSync(file, "utf8").trim()}\n`;
    });
    this.emitFile({ type: "asset", fileName: "LICENCES.md", source: texts.join("\n") });
  },
};

/** What builds them into a folder. */
export function builds(dir: string): BuildOptions[] {
  const output = { dir, sourcemap: true, chunkFileNames: "chunks/[name].js" } as const;
  const entries = [...globSync("src/entries/*.ts"), ...globSync("src/distill/methods/*.ts")];
  return [
    {
      ...shared,
      input: named(["src/cli/main.ts", ...entries.filter((path) => !path.endsWith(".test.ts"))]),
      plugins: [urls, files, licences],
      output: {
        ...output,
        codeSplitting: { groups: [{ name: "limbeck", test: (id) => !loadedAlone.test(id) }] },
      },
    },
    { ...shared, input: named(["src/engine/wasm/threads/worker-node.ts"]), output },
  ];
}

export default defineConfig(builds("dist/node"));
