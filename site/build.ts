/** @file Builds the site into `dist-site/`: `npm run docs`, with `--base /limbeck/` where it does not lie at the root of its host. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";
import { writeApi } from "./generate/api.ts";
import { writeCli } from "./generate/cli.ts";
import { writeNames } from "./generate/names.ts";
import { writeRecords } from "./generate/records.ts";
import { writeSources } from "./generate/source.ts";
import { writeStudent } from "./generate/student.ts";
import { checkMenu, generated, repository } from "./navigation.ts";

const { values } = parseArgs({ options: { base: { type: "string" }, out: { type: "string" } } });
const files = join(repository, generated, "public");

checkMenu();
rmSync(join(repository, generated), { recursive: true, force: true });
mkdirSync(files, { recursive: true });
cpSync(join(repository, "docs/logo.svg"), join(files, "logo.svg"));
writeSources();
await writeCli();
writeNames();
writeRecords();
writeApi();
writeStudent(join(files, "student"));
for (const [config, outDir] of [
  ["vite.config.ts", "playground"],
  ["embed.config.ts", "playground/embed"],
] as const) {
  const configFile = join(repository, "web", config);
  await build({ configFile, logLevel: "warn", build: { outDir: join(files, outDir) } });
}
// A process of its own: VitePress brings another Vite, and reads NODE_ENV when it starts.
const vitepress = join(repository, "node_modules/vitepress/bin/vitepress.js");
const options = Object.entries({ base: values.base, outDir: values.out }).flatMap(([name, value]) =>
  value === undefined ? [] : [`--${name}`, value],
);
execFileSync(process.execPath, [vitepress, "build", join(repository, "site"), ...options], {
  stdio: "inherit",
  env: { ...process.env, NODE_ENV: "production" },
});
