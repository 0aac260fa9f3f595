/** @file A JSON file of a folder that other processes may be at work in. */
import { readIfThere } from "../../data/node/read-file.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { parseStrictJson } from "../../strict-json.ts";

/** What a JSON file holds; `undefined` if there is none. Throws OUTPUT for one that cannot be read, or is no JSON. */
export async function readJsonIfThere(path: string): Promise<unknown> {
  try {
    const bytes = await readIfThere(path);
    return bytes && parseStrictJson(new TextDecoder().decode(bytes));
  } catch (cause) {
    const message = `${path} is damaged: ${reasonOf(cause)}; put a good copy in its place, or remove it and give the command again`;
    throw new LimbeckError("OUTPUT", message, { cause });
  }
}
