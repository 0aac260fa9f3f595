/** @file What the runs of a study have come to, to compare bit for bit. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Summary and weights of each run that is done, by its id, without how long it took. */
export async function outcomes(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const names = (await readdir(join(folder, "runs"))).filter((name) => name.endsWith(".json"));
  const read = async (name: string): Promise<unknown> => {
    const { seconds: _, teacher, ...summary } = JSON.parse(await readFile(join(folder, "runs", name), "utf8"));
    const weights = join(folder, "runs", name.slice(0, -5), teacher ? "student" : "model", "model.safetensors");
    return { ...summary, weights: (await readFile(weights)).toString("base64") };
  };
  return Object.fromEntries(await Promise.all(names.sort().map(async (name) => [name, await read(name)] as const)));
}
