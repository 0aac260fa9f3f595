import { defineConfig } from "vitest/config";
import { SkipReasons } from "./test/skip-reasons.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    reporters: [new SkipReasons(), "default"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // NOTE: by default one is left free, which on two cores leaves one; most tests wait for processes of their own.
    maxWorkers: "100%",
    // With `npm run coverage`; files that only tests run are left out, and so is what runs in other threads and processes.
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text", "html"] },
  },
});
