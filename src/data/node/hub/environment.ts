/** @file What the environment says of the hub, by the variables that its own tools read: where it is, who asks, whether it may be reached. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { LimbeckError } from "../../../errors.ts";

/** A variable that is set to something. */
function variable(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}

const isOn = (name: string): boolean => /^(1|on|yes|true)$/i.test(variable(name) ?? "");

/** `HF_ENDPOINT`, a mirror of the hub, or the hub. Throws ARGUMENT for one that is no address. */
export function endpoint(): string {
  const given = variable("HF_ENDPOINT") ?? "https://huggingface.co";
  if (URL.canParse(given) && /^https?:/.test(given)) return given.replace(/\/+$/, "");
  throw new LimbeckError(
    "ARGUMENT",
    "HF_ENDPOINT should be an address such as https://mirror.example; set it, or unset it",
  );
}

/** Whether only the cache may be used. */
export function isOffline(): boolean {
  return isOn("HF_HUB_OFFLINE") || isOn("TRANSFORMERS_OFFLINE");
}

/**
 * The token that the hub knows somebody by: `HF_TOKEN`, else what `hf auth login` wrote down. NOTE: it goes into one header of requests to the hub, and
 * into no message: one that cannot be sent is refused here, because `fetch` would show it.
 */
export async function token(): Promise<string | undefined> {
  const given = variable("HF_TOKEN") ?? variable("HUGGING_FACE_HUB_TOKEN");
  const found = given ?? (isOn("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? undefined : await savedToken());
  if (found === undefined || /^[\x21-\x7e]+$/.test(found)) return found;
  throw new LimbeckError("ARGUMENT", "HF_TOKEN should be a token of the hub, letters and digits; copy it again");
}

async function savedToken(): Promise<string | undefined> {
  const home = variable("HF_HOME") ?? join(variable("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "huggingface");
  const text = await readFile(variable("HF_TOKEN_PATH") ?? join(home, "token"), "utf8").catch(() => "");
  return text.trim() || undefined;
}
