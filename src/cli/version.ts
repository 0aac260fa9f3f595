/** @file Limbeck's version, from the installed package. */
import { createRequire } from "node:module";

export function version(): string {
  return (createRequire(import.meta.url)("../../package.json") as { readonly version: string }).version;
}
