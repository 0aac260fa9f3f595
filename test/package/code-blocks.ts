/** @file Code blocks of the project's Markdown pages. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./install.ts";

/** A fenced block. */
export interface CodeBlock {
  /** Its page and its number among the page's blocks of its language: `docs/runs.md 1`. */
  readonly name: string;
  readonly code: string;
}

/** Every block of a language in README.md and docs/, in order. */
export function codeBlocks(language: "ts" | "sh"): CodeBlock[] {
  const pages = ["README.md", ...readdirSync(join(repository, "docs")).map((file) => `docs/${file}`)];
  return pages
    .filter((page) => page.endsWith(".md"))
    .flatMap((page) => {
      const text = readFileSync(join(repository, page), "utf8");
      const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))];
      return found.map(([, code], i) => ({ name: `${page} ${i + 1}`, code: code! }));
    });
}
