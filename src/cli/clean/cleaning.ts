/** @file What may be removed, found before anything is: for each place its files, why they may go, and what removes them. */

/** A file or folder that is no longer needed. */
export interface Removable {
  /** From the working folder. */
  readonly path: string;
  readonly bytes: number;
  readonly why: string;
}

/** What one place has to remove, under its lock. */
export interface Cleaning {
  readonly removable: readonly Removable[];
  /** Throws OUTPUT where a process has taken the place meanwhile. */
  remove(): Promise<void>;
}

/** What was found. */
export interface Found {
  readonly cleanings: readonly Cleaning[];
  /** Places that are left alone, and why. */
  readonly kept: readonly string[];
}

/** Several as one. */
export function joined(found: readonly Found[]): Found {
  return { cleanings: found.flatMap((each) => each.cleanings), kept: found.flatMap((each) => each.kept) };
}

/** A sum of bytes. */
export function bytesOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
