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
  const configFile = fileURLToPath(new URL("../../web/vite.config.ts", import.meta.url));
  const { NODE_ENV } = process.env;
  // Vitest has `test` there, and Vite would build what is for developers.
  process.env["NODE_ENV"] = "production";
  await build({ configFile, logLevel: "error", build: { outDir: folder } });
  process.env["NODE_ENV"] = NODE_ENV;
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
