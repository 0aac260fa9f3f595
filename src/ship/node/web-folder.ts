/** @file The files of a student for the web, from templates on the disk. */
import { readFile } from "node:fs/promises";
import { fold, type NetworkWithValues } from "../../inference/index.ts";
import type { ShippedDescription } from "../description.ts";
import type { QuantisedNetwork } from "../../engine/int8/network.ts";
import { webFiles, type StudentTemplate, type WebStudent } from "../web/folder.ts";
import { studentModule } from "../web/module.ts";
import { inFloats, inWholeNumbers } from "../web/student-file.ts";

/**
 * A network as files that any static server can serve: `load` of student.js makes it ready in pages, workers and Node.
 *
 * Throws UNSUPPORTED for a network whose images are not grey or in colour, or that the wasm engine cannot run; ARGUMENT for weights
 * that the precision cannot hold.
 */
export function webStudent(
  network: NetworkWithValues,
  description: ShippedDescription,
  precision: "float32" | "float16" = "float32",
): Promise<WebStudent> {
  return webFiles(inFloats(studentModule(fold(network)), precision), description, template);
}

/**
 * The same of a network in whole numbers up to 127: with two modules that compute the same bits, one for machines with relaxed SIMD.
 *
 * Throws UNSUPPORTED as `webStudent` does, and for sums that do not fit 32 bits.
 */
export function integerWebStudent(network: QuantisedNetwork, description: ShippedDescription): Promise<WebStudent> {
  return webFiles(inWholeNumbers(network), description, template);
}

function template(name: StudentTemplate): Promise<string> {
  return readFile(new URL(`../web/files/${name}`, import.meta.url), "utf8");
}
