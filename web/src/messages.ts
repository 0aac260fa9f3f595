/** @file What the page and its worker send each other. */

/** What a visitor chooses. The same settings give the same networks. */
export interface Settings {
  readonly teacher: string;
  readonly student: string;
  /** One student is taught by each. */
  readonly methods: readonly string[];
  /** Of methods, where they are not the defaults. */
  readonly options: Readonly<Record<string, OptionValues>>;
  readonly epochs: number;
  readonly engine: EngineName;
  /** Training images of `shapes`. */
  readonly images: number;
  readonly seed: number;
}

/** Processors by WebAssembly, a graphics card by WebGPU, or the faster of them. */
export const engineNames = ["auto", "wasm", "webgpu"] as const;
export type EngineName = (typeof engineNames)[number];

export type OptionValues = Readonly<Record<string, number | boolean>>;

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
  /** The true class of every test image. */
  readonly truths: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** One batch: each loss term before it is weighted. */
export interface Step {
  readonly run: string;
  /** Of the method's pre-training, whose epochs count for themselves; else of the training proper. */
  readonly phase: string | undefined;
  /** How many epochs are done, with fractions, and of how many. */
  readonly epoch: number;
  readonly epochs: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Milliseconds, by the worker's clock. */
  readonly at: number;
  readonly images: number;
}

/** How a network answers now. */
export interface Judgement {
  readonly run: string;
  /** Of the training proper. */
  readonly epoch: number;
  /** Percent of the test images. */
  readonly accuracy: number;
  /** The predicted class of every test image. */
  readonly predictions: readonly number[];
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

/** Pictures of one class, as files. */
export interface OwnClass {
  readonly name: string;
  readonly pictures: readonly File[];
}

/** From the page. */
export type PageMessage =
  | { readonly kind: "start"; readonly settings: Settings; readonly own: readonly OwnClass[] }
  | { readonly kind: "pause"; readonly isPaused: boolean }
  | { readonly kind: "stop" };

/** A file that is no picture, and is left out. */
export interface LeftOut {
  /** Of the class that it was put into. */
  readonly name: string;
  readonly why: string;
}

/** From the worker. */
export type WorkerMessage =
  | { readonly kind: "left-out"; readonly files: readonly LeftOut[] }
  | { readonly kind: "note"; readonly text: string }
  | {
      readonly kind: "begun";
      readonly engine: string;
      readonly runs: readonly Run[];
    }
  | ({ readonly kind: "gallery" } & Gallery)
  | ({ readonly kind: "step" } & Step)
  | ({ readonly kind: "judged" } & Judgement)
  | ({ readonly kind: "finished" } & Finished)
  | { readonly kind: "refused"; readonly run: string; readonly message: string }
  | { readonly kind: "ended"; readonly how: "done" | "stopped" }
  | { readonly kind: "failed"; readonly message: string };

/** From the page, with a port that one reply comes back on. */
export type Request =
  | { readonly kind: "open"; readonly file: Uint8Array }
  | { readonly kind: "classify"; readonly picture: File | RgbaPixels }
  | { readonly kind: "pack"; readonly file: Uint8Array; readonly about: string };

/** What is replied to each. */
export interface Replies {
  readonly open: Opened;
  readonly classify: readonly Answer[];
  readonly pack: Uint8Array<ArrayBuffer>;
}

export type Reply<Kind extends Request["kind"]> = { readonly answer: Replies[Kind] } | { readonly problem: string };

/** A student that can be asked. */
export interface Opened {
  readonly name: string;
  readonly classes: readonly string[];
  readonly dataset: string | undefined;
}

/** RGBA, row by row: a canvas's `ImageData`. */
export interface RgbaPixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface Answer {
  readonly name: string;
  readonly probability: number;
}
