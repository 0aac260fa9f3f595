/** @file What the site makes of Markdown beside VitePress: links to files of the repository, drawings, tables that can be scrolled by keys. */
import { dirname, join, normalize } from "node:path";
import { renderMermaidSVG } from "beautiful-mermaid";
import type { MarkdownEnv, MarkdownRenderer } from "vitepress";
import { sourcePage } from "./generate/source.ts";
import { addressOf, fileAt } from "./navigation.ts";

export function extendMarkdown(md: MarkdownRenderer): void {
  md.core.ruler.push("limbeck", ({ tokens, env }) => {
    for (const token of tokens) {
      if (token.type === "table_open") token.attrSet("tabindex", "0");
      for (const child of token.children ?? []) {
        const href = child.type === "link_open" ? child.attrGet("href") : null;
        if (href !== null) child.attrSet("href", linked(href, env as MarkdownEnv));
      }
    }
  });
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index]!;
    const [language, ...title] = info.split(" ");
    return language === "mermaid" ? drawing(content, title.join(" ")) : fence(tokens, index, ...rest);
  };
}

/** The site's address of what a link in a page of the repository means; others as they are. */
function linked(href: string, { relativePath }: MarkdownEnv): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [target = "", hash] = href.split("#");
  const file = normalize(join(dirname(fileAt(relativePath)), target)).replace(/\/$/, "");
  const address = addressOf(file) ?? addressOf(sourcePage(file))!;
  return `/${address}${hash === undefined ? "" : `#${hash}`}`;
}

/** A drawing as SVG in the page, in the page's colours. */
function drawing(text: string, title: string): string {
  const svg = renderMermaidSVG(text, { transparent: true })
    .replace(/<style>[^]*?<\/style>/g, "")
    .replace(/ style="[^"]*"/, "");
  return `<div class="drawing" role="img" aria-label="${title || "Drawing"}" tabindex="0" v-pre>${svg}</div>\n`;
}
