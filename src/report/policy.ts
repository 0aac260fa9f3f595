/** @file What a Content-Security-Policy without `'unsafe-inline'` asks of a page: hashes of what lies in it, and rules instead of `style` attributes. */
import { sha256 } from "../sha256.ts";
import { Html } from "./html.ts";

/** A script or style element, and the policy's source that allows this text alone. */
export interface InlineElement {
  readonly element: Html;
  /** `'sha256-…'` */
  readonly source: string;
}

/** The text has to be such that it cannot end its element, see `scriptText`. */
export async function inlineElement(tag: "script" | "style", { text }: Html): Promise<InlineElement> {
  // As a browser's parser has it.
  const parsed = text.replaceAll(/\r\n?/g, "\n");
  const digest = await sha256(new TextEncoder().encode(parsed));
  return {
    element: new Html(`<${tag}>${parsed}</${tag}>`),
    source: `'sha256-${btoa(String.fromCharCode(...digest))}'`,
  };
}

/**
 * The rules of all `data-style` attributes in the markup: what a `style` attribute would declare, `data-style="--at: 77.5%"`, without
 * a script. Text cannot pass for one, because its quotes are escaped.
 */
export function styleRules(markup: Html): string {
  const declared = new Set(
    Array.from(markup.text.matchAll(/ data-style="([^"]*)"/g), ([, declarations]) => declarations),
  );
  return [...declared].map((declarations) => `[data-style="${declarations}"] { ${declarations} }`).join("\n");
}
