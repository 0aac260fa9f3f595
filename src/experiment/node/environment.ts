/** @file Where an experiment runs, for its record. */
import { cpus } from "node:os";
import { arch, platform, version as node } from "node:process";
import { version } from "../../version.ts";
import type { Environment } from "../record.ts";

/** This machine, this runtime, now. `engine` is the engine's description. */
export function environment(engine: string): Environment {
  const [first, ...others] = cpus();
  return {
    limbeck: version,
    runtime: `Node ${node}`,
    engine,
    machine: `${platform} ${arch}, ${others.length + 1} x ${first?.model.trim() ?? "unknown processor"}`,
    date: new Date().toISOString(),
  };
}
