/** @file How a module of somebody's own is told from others. */

/** A module (a JavaScript or TypeScript file) that gives a model or a method which is in no table. */
export interface ModuleSource {
  /** Its name, without folders. */
  readonly file: string;
  /** Of its content. */
  readonly sha256: string;
}
