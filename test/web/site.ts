/** @file The playground, built into a temporary folder and served. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

export interface Site {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function buildPlayground(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-web-"));
  const { NODE_ENV } = process.env;
  // Vitest has `test` there, and Vite would build what is for developers.
  process.env["NODE_ENV"] = "production";
  for (const [config, outDir] of [
    ["vite.config.ts", folder],
    ["embed.config.ts", join(folder, "embed")],
  ] as const) {
    const configFile = fileURLToPath(new URL(`../../web/${config}`, import.meta.url));
    await build({ configFile, logLevel: "error", build: { outDir } });
  }
  process.env["NODE_ENV"] = NODE_ENV;
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
