import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { SkipReasons } from "./test/skip-reasons.ts";

// Hundreds of processes run the same sources: what Node compiles is kept for the next. The workers and what they start inherit it.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url));

// What is computed is the same on a machine with a GPU.
process.env["LIMBECK_ENGINE"] ??= "wasm";

export default defineConfig({
  test: {
    reporters: [new SkipReasons(), "default"],
    setupFiles: ["test/equal-bytes.ts"],
    // NOTE: by default one is left free, which on two cores leaves one; most tests wait for processes of their own.
    maxWorkers: "100%",
    // With `npm run coverage`; files that only tests run are left out, and so is what runs in other threads and processes.
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text", "html"] },
    projects: [
      {
        extends: true,
        // Tests of single files, which change nothing that another could see: a worker loads the sources once for all of them.
        test: { name: "units", include: ["src/**/*.test.ts", "bench/**/*.test.ts"], isolate: false },
      },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"], globalSetup: ["test/bundle.ts"] } },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
