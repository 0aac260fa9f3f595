import { defineConfig } from "vite";

export default defineConfig({
  // Limbeck loads parts of itself when they are needed, which only a worker that is a module can do.
  worker: { format: "es" },
  // Its files find their threads beside themselves, so they stay as they are in development, too.
  optimizeDeps: { exclude: ["limbeck"] },
});
