/** @file The door of studies: one comparison of distillation methods over methods, options and seeds. */
export * from "./statistics/index.ts";
