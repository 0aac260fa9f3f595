/** @file Attacks `loadModel`: weights files whose description of the network is damaged or hostile. */
import { referenceEngine } from "../../../src/engine/reference/index.ts";
import { loadModel, saveModel } from "../../../src/model-file/index.ts";
import { createModel, ensemble } from "../../../src/models/index.ts";
import { initialise, namedStates } from "../../../src/nn/index.ts";
import { torchRandom } from "../../../src/random/index.ts";
import { readSafetensors, writeSafetensors } from "../../../src/weights/index.ts";
import { mutateJson, pick } from "../mutate.ts";
import type { Target } from "./target.ts";

/** The metadata's key of the description. */
const KEY = "limbeck";

const engine = referenceEngine();
const model = createModel("resnet8");
const values = initialise(model.module, torchRandom(1));
const whole = readSafetensors(await saveModel(model, { read: async (tensor) => values.get(tensor)! }));
const description = JSON.parse(whole.metadata[KEY]!) as { readonly architecture: object };
const both = ensemble([model, createModel("LightNN")], [1, 2]);
const taught = {
  kind: "distilled",
  student: description.architecture,
  teacher: { kind: "model", name: "resnet14", classes: 10 },
  method: "simkd",
  options: {},
};
const descriptions: readonly object[] = [
  description,
  { ...description, name: both.name, architecture: both.architecture },
  { ...description, architecture: taught },
];

export const modelFileTarget: Target = {
  name: "model file",
  share: 4,
  async attempt(random) {
    const metadata = { format: "pt", [KEY]: mutateJson(pick(random, descriptions), random) };
    const tensors = random.below(4) === 0 ? whole.tensors : new Map();
    const loaded = await loadModel(writeSafetensors(tensors, metadata), engine);
    for (const [name, tensor] of namedStates(loaded.module)) {
      const stored = tensors.get(name)!.values;
      const held = await engine.read(tensor);
      if (!held.every((value, i) => Object.is(value, stored[i]))) return `${name} has other values`;
    }
    await loaded.close();
    return undefined;
  },
};
