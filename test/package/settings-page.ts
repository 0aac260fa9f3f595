/**
 * @file Writes the table of settings into docs/settings.md: `npm run settings`. A test holds the page to the rows, so that a new setting is
 * documented by being one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandSettings } from "../../src/experiment/config.ts";
import { groups, helpOf, type Settings } from "../../src/experiment/settings/setting.ts";

const [START, END] = ["<!-- written by npm run settings -->\n", "<!-- /written -->"];

/** The page. */
export const page = join(fileURLToPath(new URL("../../", import.meta.url)), "docs/settings.md");

/** The page with the tables of these rows: by default those of every command that trains. */
export function rewritten(
  text: string,
  rows: Settings = { ...commandSettings.train, ...commandSettings.distill },
): string {
  const [before, rest = ""] = text.split(START);
  const after = rest.slice(rest.indexOf(END));
  return `${before}${START}\n${groups.map((group) => section(group, rows)).join("\n\n")}\n\n${after}`;
}

function section(group: string, rows: Settings): string {
  const lines = Object.entries(rows)
    .filter(([, setting]) => setting.group === group)
    .map(([name, setting]) => {
      const flags = setting.flags.map(({ usage }) => `\`${usage.replaceAll("|", "\\|")}\``).join("<br>");
      return `| \`${name}\` | ${flags || (name === "dataset" ? "the argument" : "–")} | ${cell(helpOf(setting))} |`;
    });
  return [`## ${group}`, "", "| setting | option | what it does |", "| --- | --- | --- |", ...lines].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*");
}

if (import.meta.main) writeFileSync(page, rewritten(readFileSync(page, "utf8")));
