/**
 * @file Draws the arrows between the parts into docs/architecture.md: `npm run architecture`. A test holds the page to the
 * sources, so a new arrow is seen by whoever reviews it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { arrowsOfParts } from "./structure.ts";

const [START, END] = ["<!-- drawn by npm run architecture -->\n", "<!-- /drawn -->"];

/** The page. */
export const page = join(fileURLToPath(new URL("../../", import.meta.url)), "docs/architecture.md");

/** The page with the picture of today's sources. */
export function redrawn(text: string): string {
  const [before, rest = ""] = text.split(START);
  const after = rest.slice(rest.indexOf(END));
  return `${before}${START}\n\`\`\`mermaid\n${drawing()}\n\`\`\`\n\n${after}`;
}

/** Arrows from each part to those that it uses, without those that follow from others: what is used by what is used. */
function drawing(): string {
  const arrows = arrowsOfParts();
  const reached = (part: string, found = new Set<string>()): ReadonlySet<string> => {
    for (const used of arrows.get(part) ?? []) {
      if (found.has(used)) continue;
      found.add(used);
      reached(used, found);
    }
    return found;
  };
  const lines = [...arrows].flatMap(([part, used]) =>
    [...used]
      .filter((one) => ![...used].some((other) => other !== one && reached(other).has(one)))
      .toSorted()
      .map((one) => `  ${part} --> ${one}`),
  );
  return ["flowchart TD", ...lines.toSorted()].join("\n");
}

if (import.meta.main) writeFileSync(page, redrawn(readFileSync(page, "utf8")));
