/** @file What went wrong, in words. */
import type { JSX } from "preact";

/** Nothing where there is no text. */
export function Problem({ text }: { readonly text: string | undefined }): JSX.Element | null {
  if (!text) return null;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
