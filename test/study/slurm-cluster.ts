/** @file A real Slurm of two nodes of one core each, on this machine, in a folder of its own. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const programs = ["munged", "slurmctld", "slurmd", "sbatch"] as const;
const path = `${process.env["PATH"]}:/usr/sbin`;
const missing = programs.filter((name) => spawnSync("which", [name], { env: { PATH: path } }).status !== 0);

/** Why there is none; empty where there is. */
export const noSlurm: string = missing.length > 0 ? `no ${missing[0]}: apt-get install slurm-wlm` : "";

export interface SlurmCluster {
  /** For `limbeck` and Slurm's commands. */
  readonly env: { readonly PATH: string; readonly SLURM_CONF: string };
  /** Runs one of Slurm's commands; returns what it prints. */
  call(name: string, ...args: readonly string[]): string;
  stop(): void;
}

/** Starts it below `root`; returns when both nodes are idle. */
export async function startSlurm(root: string): Promise<SlurmCluster> {
  const host = hostname().split(".")[0];
  const user = userInfo().username;
  const [control, ...nodes] = await freePorts(3);
  for (const name of ["state", "spool-n1", "spool-n2"]) mkdirSync(join(root, name));
  writeFileSync(join(root, "key"), randomBytes(1024), { mode: 0o400 });
  const conf = join(root, "slurm.conf");
  const socket = join(root, "munge");
  const lines = [
    "ClusterName=one",
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${control}`,
    `SlurmUser=${user}`,
    `SlurmdUser=${user}`,
    "AuthType=auth/munge",
    // A task that is queued again waits for as long.
    `AuthInfo=socket=${socket},cred_expire=5`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "SelectType=select/cons_tres",
    `StateSaveLocation=${join(root, "state")}`,
    `SlurmdSpoolDir=${join(root, "spool-%n")}`,
    `SlurmctldPidFile=${join(root, "slurmctld.pid")}`,
    `SlurmdPidFile=${join(root, "slurmd-%n.pid")}`,
    "JobAcctGatherType=jobacct_gather/none",
    "MaxArraySize=100",
    "SchedulerParameters=batch_sched_delay=0,sched_interval=1",
    ...nodes.map((port, i) => `NodeName=n${i + 1} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=1`),
    "PartitionName=p Nodes=n1,n2 Default=YES State=UP",
  ];
  writeFileSync(conf, `${lines.join("\n")}\n`);
  const env = { PATH: path, SLURM_CONF: conf };
  const files = ["key", "pid", "log", "seed"].map((name) => `--${name}-file=${join(root, name)}`);
  const daemons: ChildProcess[] = [];
  const start = (name: string, ...args: readonly string[]): void =>
    void daemons.push(spawn(name, args, { env, stdio: "ignore" }));
  const call = (name: string, ...args: readonly string[]): string =>
    execFileSync(name, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  const stop = (): void => {
    for (const daemon of daemons.toReversed()) daemon.kill("SIGKILL");
  };
  start("munged", "--foreground", "--force", `--socket=${socket}`, ...files);
  await sleep(500);
  start("slurmctld", "-D");
  for (const name of ["n1", "n2"]) start("slurmd", "-D", "-N", name);
  for (let tries = 0; tries < 150; tries++) {
    await sleep(200);
    if (idleNodes(call) === 2) return { env, call, stop };
  }
  stop();
  throw new Error(`Slurm did not start: ${readFileSync(join(root, "log"), "utf8")}`);
}

function idleNodes(call: SlurmCluster["call"]): number {
  try {
    return Number(call("sinfo", "--noheader", "--states=idle", "--format=%D") || 0);
  } catch {
    return 0; // it does not listen yet
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((settle) => server.once("listening", settle))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
