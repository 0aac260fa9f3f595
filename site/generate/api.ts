/** @file The reference of the published functions and types: a page for each entry of package.json, from its declarations. */
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository } from "../navigation.ts";
import { plain, table, writePage } from "./page.ts";

const folder = join(repository, ".cache/site");

const typedoc = join(repository, "site/node_modules/typedoc/bin/typedoc");

const options = {
  entryPoints: ["dist/entries/*.d.ts", "student.d.ts"],
  out: "api",
  plugin: ["typedoc-plugin-markdown"],
  tsconfig: "tsconfig.json",
  readme: "none",
  disableSources: true,
  // Types that are written out where they are used have no page.
  validation: { notExported: false },
  logLevel: "Error",
  router: "module",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hidePageTitle: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  entryFileName: "index",
  flattenOutputFiles: true,
};

/** A namespace of an entry, which has a page. */
const nested = "methods-option";

/** Writes `api/`. */
export function writeApi(): void {
  declare();
  execFileSync(process.execPath, [typedoc, "--options", join(folder, "typedoc.json")], { cwd: repository });
  const names = entryNames();
  const pages = new Map(
    [...names, nested].map((name) => [name, readFileSync(join(folder, "api", madeName(name)), "utf8")]),
  );
  for (const [name, made] of pages) {
    const linked = [...pages.keys()].reduce((text, to) => text.replaceAll(`(${madeName(to)}`, `(./${to}.md`), made);
    const anchored = linked.replaceAll(
      /\((?:\.\/([\w-]+)\.md)?#([\w-]+)-1\)/g,
      (link, to: string | undefined, heading: string) =>
        headingsCalled(heading, pages.get(to ?? name)) > 1 ? link : link.replace("-1)", ")"),
    );
    writePage(`api/${name}.md`, `# ${titleOf(name)}\n\n${plain(aboutOf(name))}\n\n${anchored}`);
  }
  const rows = names.map((name) => [`[\`${titleOf(name)}\`](./${name}.md)`, plain(aboutOf(name))]);
  const single = "`limbeck/methods/kd` and its like hold one of the [methods](../names/methods.md) each.";
  const text = `# API\n\n${table(["entry", "what it holds"], rows)}\n\n${single} [The library](../../../docs/library.md) shows how to use the entries together.`;
  writePage("api/index.md", text);
}

/** How many headings of a page have this anchor; typedoc numbers some that are alone. */
function headingsCalled(anchor: string, page = ""): number {
  return page.match(new RegExp(`^#+ ${anchor}(?:\\(\\))?$`, "gim"))?.length ?? 0;
}

/** Compiles the declarations that npm publishes. */
function declare(): void {
  mkdirSync(folder, { recursive: true });
  const flags = ["--emitDeclarationOnly", "--sourceMap", "false", "--inlineSources", "false", "--noCheck"];
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [
    tsc,
    "-p",
    `${repository}tsconfig.build.json`,
    "--outDir",
    `${folder}/dist`,
    ...flags,
  ]);
  execFileSync(process.execPath, [join(repository, "alias-declarations.ts")], { cwd: folder });
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom", "dom.iterable"],
    strict: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(repository, "node_modules/@types")],
  };
  copyFileSync(join(repository, "src/ship/web/files/student.d.ts"), join(folder, "student.d.ts"));
  const include = ["dist/entries/*.d.ts", "student.d.ts"];
  writeFileSync(join(folder, "typedoc.json"), JSON.stringify(options));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
}

function entryNames(): readonly string[] {
  const entries = globSync("src/entries/*.ts", { cwd: repository }).map((path) => basename(path, ".ts"));
  return ["index", ...entries.filter((name) => name !== "index").toSorted(), "student"].map((name) =>
    name === "index" ? "limbeck" : name,
  );
}

/** What typedoc calls the page of an entry. */
function madeName(name: string): string {
  if (name === "student") return "student.md";
  if (name === nested) return "dist.entries.methods.Namespace.option.md";
  return name === "limbeck" ? "dist.entries.md" : `dist.entries.${name}.md`;
}

/** As programs import it. */
function titleOf(name: string): string {
  if (name === nested) return "option, of limbeck/methods";
  if (name === "student") return "limbeck/student/student.js";
  return name === "limbeck" ? name : `limbeck/${name}`;
}

/** The first sentence of its file. */
function aboutOf(name: string): string {
  if (name === nested) return "The options of a method: what they may be, and their defaults.";
  if (name === "student") return "What student.js of an exported folder gives to a page, a worker or Node.";
  const source = readFileSync(join(repository, `src/entries/${name === "limbeck" ? "index" : name}.ts`), "utf8");
  const comment = /@file ([^]*?)\*\//.exec(source)?.[1]?.replaceAll(/\s*\n?\s*\* ?/g, " ") ?? "";
  return comment
    .replaceAll("`", "")
    .replace(/^Published as \S+: /, "")
    .trim();
}
