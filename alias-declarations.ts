/**
 * @file Part of `npm run build`: in the declarations of the entries, a checked function becomes an alias of the function that it
 * checks, so that editors show that one's documentation. A constant of a function's type has none.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";

for (const path of globSync("dist/entries/**/*.d.ts")) {
  const declared = readFileSync(path, "utf8");
  writeFileSync(path, declared.replace(/^export declare const (\w+): typeof (\w+\.\w+);$/gm, "export import $1 = $2;"));
}
