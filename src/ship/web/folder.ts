/** @file A student for the web as a folder of files: its own, and those that are the same of all students. */
import { LimbeckError } from "../../errors.ts";
import { fold, type NetworkWithValues } from "../../inference/index.ts";
import type { DescribedModel } from "../../model-file/index.ts";
import { unknownName } from "../../nearest-name.ts";
import { version } from "../../version.ts";
import type { ShippedDescription } from "../description.ts";
import { studentModule } from "./module.ts";
import { inFloats, studentFiles, studentScript, type ShippedNetwork, type StudentConstants } from "./student-file.ts";

/** What is the same of all students, and lies in the folder as it is. */
const sameForAll = ["student.d.ts", "index.html", "start.js", "page.js", "view.js", "page.css", "icon.svg"] as const;

/** A file that students are made of: published as `limbeck/student/NAME`. */
export type StudentTemplate = "student.js" | (typeof sameForAll)[number];

/** Gives the text of such a file. */
export type ReadTemplate = (name: StudentTemplate) => string | Promise<string>;

/** NOTE: older Nodes take a `.js` for CommonJS where nothing says that it is a module. */
const packageJson = { type: "module", main: "./student.js", types: "./student.d.ts" };

/** A student for the web: its files by their names, and what student.js says of it. */
export interface WebStudent {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly constants: StudentConstants;
}

export interface ExportWebOptions {
  /** Where the files are from that all students share: a page's bundler has them as `limbeck/student/student.js?raw`, say. */
  readonly template: ReadTemplate;
  /** How weights are stored, float32 by default. */
  readonly precision?: "float32" | "float16";
}

const precisions = ["float32", "float16"] as const;

/**
 * The files of a folder that any static server can serve, by their names: `load` of student.js makes the network ready in pages, workers
 * and Node. For pages that export what they have trained; `limbeck export` also checks, times and describes it.
 *
 * Throws ARGUMENT for a network whose file does not say how its images were normalised, and for weights that the precision cannot hold;
 * UNSUPPORTED for one whose images are not grey or in colour, or that the wasm engine cannot run.
 */
export async function exportWeb(
  network: NetworkWithValues,
  options: ExportWebOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { template, precision = "float32" } = options;
  if (!precisions.includes(precision)) unknownName("precision", precision, precisions);
  const { description }: DescribedModel = network.model;
  const { normalisation } = description ?? {};
  if (!description || !normalisation) {
    throw new LimbeckError(
      "ARGUMENT",
      `exportWeb: the file of ${network.model.name} does not say how its images were normalised; save it with saveModel(model, engine, { dataset })`,
    );
  }
  const whole = inFloats(studentModule(fold(network)), precision);
  return (await webFiles(whole, { ...description, normalisation }, template)).files;
}

export async function webFiles(
  network: ShippedNetwork,
  description: ShippedDescription,
  template: ReadTemplate,
): Promise<WebStudent> {
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

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
