/** @file A student for the web, exported by a page: the files that the command line writes, and what is refused. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createModel, saveModel, shapes } from "../../src/entries/index.ts";
import { initialise, torchRandom } from "../../src/entries/nn.ts";
import { exportWeb, readNetwork, type ReadTemplate } from "../../src/entries/ship.ts";
import { referenceEngine } from "../../src/entries/tensor.ts";
import { webStudent } from "../../src/ship/node/web-folder.ts";

const template: ReadTemplate = (name) => readFile(new URL(`../../src/ship/web/files/${name}`, import.meta.url), "utf8");

async function trained(dataset?: ReturnType<typeof shapes>): Promise<ReturnType<typeof readNetwork>> {
  const engine = referenceEngine();
  const model = createModel("LightNN");
  for (const [state, values] of initialise(model.module, torchRandom(1))) await engine.write(state, values);
  return readNetwork(await saveModel(model, engine, dataset ? { dataset } : {}));
}

test("a page's export has the files of the command line's", async () => {
  const network = await trained(shapes({ train: 1, test: 1 }));
  const description = network.model.description!;
  const normalisation = description.normalisation!;
  for (const precision of ["float32", "float16"] as const) {
    const { files } = await webStudent(network, { ...description, normalisation }, precision);
    expect(await exportWeb(network, { template, precision })).toEqual(files);
  }
});

test("a network that does not say how its images were normalised is refused", async () => {
  await expect(exportWeb(await trained(), { template })).rejects.toMatchObject({ code: "ARGUMENT" });
});

test("an unknown precision is refused with the nearest one", async () => {
  const network = await trained(shapes({ train: 1, test: 1 }));
  const options = { template, precision: "float23" as "float32" };
  await expect(exportWeb(network, options)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
});
