/** @file uPlot's browser build, read from the installed package, to be put into the report. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ReportInput } from "../report/report.ts";

export function readUPlot(): ReportInput["uPlot"] {
  const { resolve } = createRequire(import.meta.url);
  return {
    script: readFileSync(resolve("uplot/dist/uPlot.iife.min.js"), "utf8"),
    style: readFileSync(resolve("uplot/dist/uPlot.min.css"), "utf8"),
  };
}
