/** @file The door of exporting in Node: into a folder, in every format. */
export { type ExportProgress, exporting } from "./export.ts";
export { formatNamed, formatNames, formats, precisionNamed } from "./formats.ts";
