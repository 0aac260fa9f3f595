/** @file What tests of the command line run: Limbeck as it is published for Node, built anew before them. It is packed when a test first asks for that. */
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import type { TestProject } from "vitest/node";
import { builds } from "../rolldown.config.ts";

export const bundle: string = fileURLToPath(new URL("../.cache/limbeck/", import.meta.url));

/** The folder of the tarball. */
export const packed: string = fileURLToPath(new URL("../.cache/packed/", import.meta.url));

export async function setup(project: TestProject): Promise<void> {
  const write = async (): Promise<void> => {
    await rm(packed, { recursive: true, force: true });
    await build(builds(bundle));
  };
  await write();
  project.onTestsRerun(write);
}
