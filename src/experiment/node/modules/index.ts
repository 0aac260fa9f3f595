/** @file The door of user modules: imported, and named in what goes wrong in them. */
export { fromModule, namingModules } from "./failed.ts";
export { begunModules, imported, watchModules } from "./import.ts";
export type { ModuleSettings, OwnModules } from "./load.ts";
