/** @file What tests of the command line run: Limbeck as it is published for Node, built anew before them. */
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import type { TestProject } from "vitest/node";
import { builds } from "../rolldown.config.ts";

export const bundle: string = fileURLToPath(new URL("../.cache/limbeck/", import.meta.url));

export async function setup(project: TestProject): Promise<void> {
  const write = async (): Promise<void> => void (await build(builds(bundle)));
  await write();
  project.onTestsRerun(write);
}
