/** @file What the examples ask of npm is what they are tested with. */
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { repository } from "../package/install.ts";
import { dependenciesOf } from "./project.ts";

test.each(["extension", "hono", "hub", "react", "service-worker", "vite-worker"])(
  "examples/%s has the packages of the tests, and Limbeck as it is packed",
  async (name) => {
    const { limbeck, ...others } = await dependenciesOf(join(repository, "examples", name));
    expect(limbeck).toBe(`file:../../limbeck-${manifest.version}.tgz`);
    expect(manifest.devDependencies).toMatchObject(others);
  },
);
