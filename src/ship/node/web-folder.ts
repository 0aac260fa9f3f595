/** @file The files of a student for the web. */
import { readFile } from "node:fs/promises";
import { fold } from "../../inference/fold.ts";
import type { NetworkWithValues } from "../../inference/network.ts";
import { version } from "../../version.ts";
import type { ShippedDescription } from "../description.ts";
import type { QuantisedNetwork } from "../quantised.ts";
import { studentModule } from "../web/module.ts";
import {
  inFloats,
  inWholeNumbers,
  studentFiles,
  studentScript,
  type ShippedNetwork,
  type StudentConstants,
} from "../web/student-file.ts";

/** What is the same of all students, and lies in the folder as it is here. */
const sameForAll = ["student.d.ts", "index.html", "page.js", "view.js", "page.css", "icon.svg"] as const;

/** NOTE: older Nodes take a `.js` for CommonJS where nothing says that it is a module. */
const packageJson = { type: "module", main: "./student.js", types: "./student.d.ts" };

/** A student for the web: its files by their names, and what student.js says of it. */
export interface WebStudent {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly constants: StudentConstants;
}

/**
 * A network as files that any static server can serve: `load` of student.js makes it ready in pages, workers, Node and elsewhere.
 *
 * Throws UNSUPPORTED for a network whose images are not grey or in colour, or that the wasm engine cannot run; ARGUMENT for weights
 * that the precision cannot hold.
 */
export function webStudent(
  network: NetworkWithValues,
  description: ShippedDescription,
  precision: "float32" | "float16" = "float32",
): Promise<WebStudent> {
  return webFiles(inFloats(studentModule(fold(network)), precision), description);
}

/**
 * The same of a network in whole numbers up to 127: with two modules that compute the same bits, one for machines with relaxed SIMD.
 *
 * Throws UNSUPPORTED as `webStudent` does, and for sums that do not fit 32 bits.
 */
export function integerWebStudent(network: QuantisedNetwork, description: ShippedDescription): Promise<WebStudent> {
  return webFiles(inWholeNumbers(network), description);
}

async function webFiles(network: ShippedNetwork, description: ShippedDescription): Promise<WebStudent> {
  const { constants, files } = await studentFiles(network, description);
  const script = studentScript(constants, version, await template("student.js"));
  const shared = await Promise.all(sameForAll.map(async (name) => [name, encoded(await template(name))] as const));
  return {
    constants,
    files: new Map([
      ["student.js", encoded(script)],
      ...files,
      ...shared,
      ["package.json", encoded(`${JSON.stringify(packageJson)}\n`)],
    ]),
  };
}

function template(name: string): Promise<string> {
  return readFile(new URL(`../web/files/${name}`, import.meta.url), "utf8");
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
