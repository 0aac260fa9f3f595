/** @file What kind of picture a file holds, by its first bytes: names tell little. */

/** Kinds that are decoded. */
export type PictureFormat = "jpeg" | "png" | "webp" | "gif" | "avif" | "tiff";

/** Kinds by the endings of their files' names, in lower case. */
export const formatOfEnding: ReadonlyMap<string, PictureFormat> = new Map([
  ["jpg", "jpeg"],
  ["jpeg", "jpeg"],
  ["png", "png"],
  ["webp", "webp"],
  ["gif", "gif"],
  ["avif", "avif"],
  ["tif", "tiff"],
  ["tiff", "tiff"],
]);

/** Endings of pictures that are not decoded: named rather than passed over. */
export const unreadEndings: ReadonlySet<string> = new Set(["bmp", "heic", "heif", "jp2", "jxl", "pgm", "ppm", "svg"]);

/** The ending of a file's name, in lower case and without its dot; empty where there is none. */
export function endingOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The kind that the first bytes say; `undefined` for any other. */
export function formatOf(bytes: Uint8Array): PictureFormat | undefined {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 3) === "\xff\xd8\xff") return "jpeg";
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return "webp";
  if (text(0, 4) === "GIF8") return "gif";
  if (text(4, 8) === "ftyp" && ["avif", "avis"].includes(text(8, 12))) return "avif";
  if (["II*\0", "MM\0*"].includes(text(0, 4))) return "tiff";
  return undefined;
}
