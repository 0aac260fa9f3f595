/** A class that an image may show. */
export interface PredictedClass {
  /** Its place among the logits. */
  readonly index: number;
  readonly name: string;
  readonly probability: number;
}

/** RGBA pixels, row by row; a canvas's `ImageData` is some. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Pixels of any size, or whatever a canvas can draw: a canvas, an ImageBitmap, an `img`, a `video`, a VideoFrame. */
export type Image = Pixels | object;

/** A student that is ready. */
export interface Student {
  /**
   * The classes with their probabilities, the most probable first. The image is resized and normalised as those were that the student
   * was trained on. Throws an error with the code ARGUMENT for what is no image.
   */
  classify(image: Image): PredictedClass[];
  /** What the probabilities are the softmax of, in the order of `student.classes`. */
  logits(image: Image): Float32Array;
}

/** Files that are not to be fetched from beside student.js: in Node, in edge workers. */
export interface Files {
  readonly wasm?:
    | Uint8Array
    | ArrayBuffer
    | WebAssembly.Module
    | Promise<Uint8Array | ArrayBuffer | WebAssembly.Module>;
  readonly weights?: Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;
}

/**
 * Makes the student ready. Rejects with an error that has a `code`: DATA_MISSING for a file that is not there, CHECKSUM for one that is
 * damaged or another student's, student.js with another number of classes among them, UNSUPPORTED where there is no WebAssembly with SIMD, or a given module for relaxed SIMD computes wrongly.
 */
export function load(files?: Files): Promise<Student>;

/** What the student is, and what it takes. */
export const student: {
  readonly name: string;
  readonly classes: readonly string[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
};
