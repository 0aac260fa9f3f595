/** @file What the page and its worker tell each other. */

/** What a visitor chooses. The same settings give the same networks. */
export interface Settings {
  readonly teacher: string;
  readonly student: string;
  /** One student is taught by each. */
  readonly methods: readonly string[];
  /** Of methods, where they are not the defaults. */
  readonly options: Readonly<Record<string, OptionValues>>;
  readonly epochs: number;
  /** Training images of `shapes`. */
  readonly images: number;
  readonly seed: number;
}

export type OptionValues = Readonly<Record<string, number | boolean>>;

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
  /** Whether it is a whole number. */
  readonly isWhole: boolean;
}

/** A network that is trained: `teacher`, `alone`, or the name of the method that it is taught by. */
export interface Run {
  readonly id: string;
  readonly title: string;
  readonly model: string;
}

/** Pictures that all networks are asked about. */
export interface Gallery {
  /** [3, height, width] each. */
  readonly pictures: readonly Uint8Array[];
  readonly labels: readonly number[];
  readonly classes: readonly string[];
  readonly width: number;
  readonly height: number;
}

/** One batch: each loss term before it is weighted. */
export interface Step {
  readonly run: string;
  /** How many epochs are done, with fractions. */
  readonly epoch: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Milliseconds, by the worker's clock. */
  readonly at: number;
  readonly images: number;
}

/** How a network answers now. */
export interface Judgement {
  readonly run: string;
  readonly epoch: number;
  /** Percent of the test images. */
  readonly accuracy: number;
  /** `confusion[true class][predicted class]` */
  readonly confusion: readonly (readonly number[])[];
  /** Of the gallery's pictures. */
  readonly logits: readonly (readonly number[])[];
}

/** A network that is trained. */
export interface Finished {
  readonly run: string;
  readonly parameters: number;
  /** As `limbeck evaluate` takes it. */
  readonly file: Uint8Array<ArrayBuffer>;
}

/** From the page. */
export type Asked =
  | { readonly kind: "start"; readonly settings: Settings }
  | { readonly kind: "pause"; readonly isPaused: boolean }
  | { readonly kind: "stop" };

/** From the worker. */
export type Told =
  | ({ readonly kind: "catalogue" } & Catalogue)
  | {
      readonly kind: "begun";
      readonly engine: string;
      readonly notes: readonly string[];
      readonly runs: readonly Run[];
    }
  | ({ readonly kind: "gallery" } & Gallery)
  | ({ readonly kind: "step" } & Step)
  | ({ readonly kind: "judged" } & Judgement)
  | ({ readonly kind: "finished" } & Finished)
  | { readonly kind: "refused"; readonly run: string; readonly message: string }
  | { readonly kind: "ended"; readonly how: "done" | "stopped" }
  | { readonly kind: "failed"; readonly message: string };
