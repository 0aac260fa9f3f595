/** @file A student as a folder that runs on any page, in one archive. Loaded only where one is asked for. */
import { zipSync } from "fflate";
import { exportWeb, readNetwork } from "limbeck/ship";
import { template } from "./templates.ts";

/** `about` is the folder's model card. */
export async function pack(file: Uint8Array, about: string): Promise<Uint8Array<ArrayBuffer>> {
  const files = await exportWeb(await readNetwork(file), { template });
  const zip = zipSync({ ...Object.fromEntries(files), "card.md": new TextEncoder().encode(about) });
  return new Uint8Array(zip);
}
