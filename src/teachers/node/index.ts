/** @file The door of teachers in files: opened, and their outputs kept. */
export { keepOutputs } from "./keep.ts";
export { type OpenedTeacher, openTeacher } from "./open.ts";
