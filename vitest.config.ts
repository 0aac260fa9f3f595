import { defineConfig } from "vitest/config";
import { SkipReasons } from "./test/skip-reasons.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    reporters: [new SkipReasons(), "default"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
