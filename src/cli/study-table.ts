/** @file A study's results in each form: for a terminal, for pages, for programs. */
import {
  accuracyProfile,
  comparisonAsCsv,
  comparisonAsLatex,
  comparisonAsMarkdown,
  comparisonAsText,
  type GroupComparison,
} from "../study/index.ts";
import { printable } from "../printable.ts";
import type { Form } from "./forms.ts";
import { jsonLine, stdoutColumns, style } from "./output.ts";

/** Every group's comparison, its name before it where there are several. */
export function written(groups: readonly GroupComparison[], form?: Form): string {
  if (form === "json")
    return jsonLine({ groups: groups.map((each) => ({ ...each, profile: accuracyProfile(each.comparison) })) });
  if (groups.length === 0) return "No student has finished.";
  if (form === "csv") return joinCsv(groups);
  const [heading, write] = {
    text: [(group: string) => style("bold", printable(group), process.stdout), asText] as const,
    markdown: [(group: string) => `## ${printable(group)}`, comparisonAsMarkdown] as const,
    latex: [(group: string) => `% ${printable(group)}`, comparisonAsLatex] as const,
  }[form ?? "text"];
  return groups
    .flatMap(({ group, comparison }) => [...(group === "" ? [] : [heading(group)]), write(comparison)])
    .join("\n\n");
}

function asText(comparison: GroupComparison["comparison"]): string {
  return comparisonAsText(comparison, stdoutColumns());
}

/** One table; rows name their group. */
function joinCsv(groups: readonly GroupComparison[]): string {
  return groups
    .flatMap(({ group, comparison }, i) => {
      const rows = comparison.rows.map((each) => ({ ...each, row: group === "" ? each.row : `${each.row}, ${group}` }));
      return comparisonAsCsv({ ...comparison, rows })
        .split("\r\n")
        .slice(i === 0 ? 0 : 1);
    })
    .join("\r\n");
}
