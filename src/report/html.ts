/** @file HTML as a tagged template: whatever is put in is escaped, unless it came out of the same template. */
import { printable } from "../printable.ts";

/** Markup that is safe to put into a page as it stands. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template takes. `undefined` and `false` leave nothing; arrays are joined. */
export type Content = Html | string | number | undefined | false | readonly Content[];

/** Markup from a template literal. Strings and numbers put in are escaped for element content and quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.reduce((text, part, i) => text + render(values[i - 1]) + part));
}

/**
 * A script element's text that cannot end its element early: `</script` and `<!--`, which HTML's tokeniser looks for
 * before any JavaScript is parsed, are written with an escape that means the same inside a JavaScript string.
 */
export function scriptText(code: string): Html {
  return new Html(code.replaceAll(/<(?=\/script|!--)/gi, "\\x3C"));
}

/** A value as JSON for `<script type="application/json">`. */
export function jsonText(value: unknown): Html {
  const shown = (_: string, part: unknown): unknown => (typeof part === "string" ? printable(part) : part);
  return new Html(JSON.stringify(value, shown).replaceAll("<", "\\u003c"));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(value: Content): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(render).join("");
  return printable(String(value)).replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
