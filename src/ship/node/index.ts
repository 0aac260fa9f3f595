/** @file The door of exporting in Node: into a folder, in every format. */
export { type ExportProgress, exporting } from "./export.ts";
export { defaultPrecision, formatNamed, formatNames, formats, precisionNamed } from "./formats.ts";
