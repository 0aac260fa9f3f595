/** @file What catalogue.ts writes when the page is built. */

declare module "virtual:catalogue" {
  import type { Bounds } from "limbeck/methods";

  /** What can be chosen. */
  export interface Catalogue {
    readonly models: readonly { readonly name: string; readonly summary: string }[];
    readonly methods: readonly MethodEntry[];
  }

  export interface MethodEntry {
    readonly name: string;
    readonly title: string;
    readonly summary: string;
    readonly options: readonly OptionEntry[];
  }

  export interface OptionEntry {
    readonly name: string;
    readonly description: string;
    readonly default: number | boolean;
    /** Of a number. */
    readonly bounds: Bounds;
  }

  export const catalogue: Catalogue;
}

declare module "virtual:methods" {
  import type { AnyMethod } from "limbeck/methods";

  /** Those of the catalogue, each loaded when it is called. */
  export const methods: Readonly<Record<string, () => Promise<AnyMethod>>>;
}
