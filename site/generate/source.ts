/** @file Sources that pages link to, as pages: a link to a file works wherever the site lies, without a hub of code. */
import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { addressOf, generated, pageFiles, repository } from "../navigation.ts";
import { writePage } from "./page.ts";

/** The page of a source: `site/generated/source/src/cli/main-ts.md`. */
export function sourcePage(path: string): string {
  return `${generated}/source/${path.replace(/\/$/, "").replaceAll(".", "-")}.md`;
}

/** Writes a page for each file or folder that is linked to and no page itself. */
export function writeSources(): void {
  const linked = pageFiles().flatMap((page) => {
    const text = readFileSync(join(repository, page), "utf8").replaceAll(/^( *)```[^]*?^\1```/gm, "");
    const links = [...text.matchAll(/\]\((?![a-z]+:|#|\/)([^)#\s]+)[^)]*\)/g)];
    return links.map(([, path]) => join(dirname(page), path!).replace(/\/$/, ""));
  });
  for (const path of new Set(linked)) {
    if (addressOf(path) !== undefined || /\.(png|svg)$/.test(path)) continue;
    writePage(sourcePage(path).slice(generated.length + 1), textOf(path));
  }
}

function textOf(path: string): string {
  const isFolder = statSync(join(repository, path)).isDirectory();
  const files = isFolder ? globSync(`${path}/*.*`, { cwd: repository }).toSorted() : [path];
  const blocks = files.map((file) => {
    const heading = isFolder ? `## ${file.slice(path.length + 1)}\n\n` : "";
    return `${heading}\`\`\`\`${extname(file).slice(1)}\n${readFileSync(join(repository, file), "utf8").trimEnd()}\n\`\`\`\``;
  });
  return `---\nsearch: false\noutline: false\nprev: false\nnext: false\n---\n\n# ${path}\n\n${blocks.join("\n\n")}`;
}
