/** @file Loaded before a program: kills its process as soon as it has renamed so many files, as RENAMES says. */
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env["RENAMES"]);
const { rename } = files;
files.rename = async (...args) => {
  await rename(...args);
  if (--left === 0) process.kill(process.pid, "SIGKILL");
};
syncBuiltinESMExports();
