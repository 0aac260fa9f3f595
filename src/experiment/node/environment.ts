/** @file Where an experiment runs, for its record. */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { arch, platform, version } from "node:process";
import type { Environment } from "../record.ts";

/** This machine, this runtime, now. `engine` is the engine's description. */
export function environment(engine: string): Environment {
  const limbeck = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const [first, ...others] = cpus();
  return {
    limbeck: limbeck.version,
    runtime: `Node ${version}`,
    engine,
    machine: `${platform} ${arch}, ${others.length + 1} x ${first?.model.trim() ?? "unknown processor"}`,
    date: new Date().toISOString(),
  };
}
