/** @file The site: VitePress over the repository's Markdown files where they lie, and over the pages that `generate/` writes. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type DefaultTheme } from "vitepress";
import { extendMarkdown } from "../markdown.ts";
import { addressOf, generated, repository, sections } from "../navigation.ts";

/** What has pages. */
const folders = new Set(["docs", "examples", "site", "CHANGELOG.md", "CONTRIBUTING.md"]);

const link = (file: string): string => `/${addressOf(file)!.replace(/(index)?\.md$/, "")}`;
const linkOf = (file: string): string => (link(file).endsWith("/") ? link(file) : `${link(file)}.html`);

/** Pages of a folder that `generate/` wrote, as lines of the menu. */
function listed(folder: string): DefaultTheme.SidebarItem[] {
  return readdirSync(join(repository, generated, folder))
    .filter((name) => name !== "index.md")
    .map((name) => ({ text: name.replace(".md", ""), link: linkOf(`${generated}/${folder}/${name}`) }));
}

const sidebar: DefaultTheme.SidebarItem[] = sections.map(({ title, pages }) => ({
  text: title,
  items: pages.map(([file, text]) => ({
    text,
    link: linkOf(file),
    ...(file.endsWith("cli/index.md") && { collapsed: true, items: listed("cli") }),
    ...(file.endsWith("api/index.md") && { collapsed: true, items: listed("api") }),
  })),
}));

export default defineConfig({
  title: "Limbeck",
  description:
    "Train a small image classifier with the help of a large one, measure what the help is worth, and ship it to a page.",
  srcDir: "..",
  outDir: join(repository, "dist-site"),
  cacheDir: join(repository, ".cache/vitepress"),
  srcExclude: [
    ...readdirSync(repository).flatMap((name) => (folders.has(name) ? [] : [name, `${name}/**`])),
    "**/node_modules/**",
  ],
  rewrites: (file) => addressOf(file) ?? file,
  transformHead: ({ siteData }) => [["link", { rel: "icon", href: `${siteData.base}logo.svg` }]],
  lastUpdated: false,
  // Built by themselves; test/site follows every link.
  ignoreDeadLinks: [/^\/(playground|student|records)\//],
  router: { prefetchLinks: false },
  markdown: {
    config: extendMarkdown,
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  // The theme's home page has no landmark.
  transformHtml: (html) => html.replace('<div class="VPContent is-home"', '<div role="main" class="VPContent is-home"'),
  vite: {
    publicDir: join(repository, generated, "public"),
    build: { chunkSizeWarningLimit: 4000 },
    esbuild: { target: "es2022", tsconfigRaw: "{}" },
  },
  themeConfig: {
    logo: "/logo.svg",
    outline: [2, 3],
    nav: [
      { text: "Guide", link: linkOf("site/pages/start.md"), activeMatch: "/guide/" },
      { text: "How it works", link: linkOf("site/pages/overview.md"), activeMatch: "/concepts/" },
      { text: "Results", link: linkOf("docs/small-students.md"), activeMatch: "/results/" },
      { text: "Reference", link: linkOf(`${generated}/cli/index.md`), activeMatch: "/reference/" },
      { text: "Playground", link: "/playground/", target: "_self" },
    ],
    sidebar,
    search: {
      provider: "local",
      // Sources are for reading; their words would hide the pages.
      options: { _render: (text, env, md) => (env.relativePath.includes("source/") ? "" : md.render(text, env)) },
    },
    footer: { message: "MIT licence" },
  },
});
