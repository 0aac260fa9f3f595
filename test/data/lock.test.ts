/** @file One process at a time: real processes, killed and stopped, also in other namespaces of process ids. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { takeLock, withLock, type Lock } from "../../src/data/node/lock.ts";

const script = fileURLToPath(new URL("hold-lock.ts", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "limbeck-lock-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true });
});

/** Elsewhere nothing tells when a process was started, or that it is dead but listed: such a lock is free after ten seconds. */
const linux = process.platform === "linux";
const namespaces = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = spawnSync("unshare", [...namespaces, "true"]).status === 0;
const reason = canUnshare ? "" : " (skipped: this system lets nobody make a namespace of process ids)";

/** A process that tries for the lock; what it says first. */
async function hold(path: string, command: readonly string[] = []): Promise<{ child: ChildProcess; said: string }> {
  const [program, ...args] = [...command, process.execPath, script, path];
  const child = spawn(program!, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const said = await new Promise<string>((settle) => child.stdout.once("data", (text) => settle(String(text))));
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((settle) => child.once("close", settle));
  child.kill("SIGKILL");
  await ended;
}

async function seconds(work: Promise<Lock>): Promise<number> {
  const begin = performance.now();
  await (await work).release();
  return (performance.now() - begin) / 1000;
}

const refused = (pid: string): unknown =>
  expect.objectContaining({ code: "OUTPUT", message: expect.stringMatching(new RegExp(`process ${pid}[ ;]`)) });

describe.concurrent("a lock", () => {
  test("is refused while another process holds it, also one that is stopped, and free at once when that is killed", async () => {
    const path = join(root, "killed");
    const { child, said } = await hold(path);
    await expect(takeLock(path)).rejects.toEqual(refused(said));
    child.kill("SIGSTOP");
    utimesSync(path, 0, 0);
    await expect(takeLock(path)).rejects.toEqual(refused(said));
    await kill(child);
    expect(await seconds(takeLock(path))).toBeLessThan(2);
    expect(existsSync(path)).toBe(false);
  });

  test.skipIf(!linux)("is free at once when its process is killed and nobody has collected it", async () => {
    const path = join(root, "zombie");
    // A parent that never waits for its child.
    const { said } = await hold(path, ["sh", "-c", '"$@" & exec sleep 1000', "sh"]);
    process.kill(Number(said), "SIGKILL");
    await sleep(300);
    expect(process.kill(Number(said), 0), "it is still listed").toBe(true);
    expect(await seconds(takeLock(path))).toBeLessThan(2);
  });

  test("of this process is refused a second time", async () => {
    const path = join(root, "twice");
    const lock = await takeLock(path);
    await expect(takeLock(path)).rejects.toEqual(refused(`${process.pid}`));
    writeFileSync(`${path}.takeover`, "of a process that was killed while it took over");
    await lock.release();
    expect(existsSync(`${path}.takeover`)).toBe(false);
    await (await takeLock(path)).release();
  });

  test.skipIf(!linux)("of a dead namesake is free at once: our id, or another's, started at another time", async () => {
    const { child } = await hold(join(root, "other"));
    for (const pid of [process.pid, child.pid!]) {
      const path = join(root, `namesake-${pid}`);
      const lock = await takeLock(path);
      const holder = JSON.parse(readFileSync(path, "utf8")) as object;
      await lock.release();
      writeFileSync(path, JSON.stringify({ ...holder, pid, started: "1", token: "another" }));
      expect(await seconds(takeLock(path))).toBeLessThan(2);
    }
  });

  test.skipIf(!canUnshare)(
    `holds between namespaces of process ids, both ways, and outlives no crash${reason}`,
    async () => {
      const outside = join(root, "outside");
      const here = await takeLock(outside);
      const { said } = await hold(outside, ["unshare", ...namespaces]);
      expect(said).toBe("OUTPUT");
      await here.check();
      await here.release();

      const inside = join(root, "inside");
      const there = await hold(inside, ["unshare", ...namespaces]);
      await expect(takeLock(inside)).rejects.toEqual(refused(there.said));
      await kill(there.child);
      expect(await seconds(takeLock(inside))).toBeLessThan(15);
    },
  );

  test("of nobody that can be looked at, dated an hour ahead, is not waited for", async () => {
    const path = join(root, "ahead");
    writeFileSync(path, "");
    const ahead = Date.now() / 1000 + 3600;
    utimesSync(path, ahead, ahead);
    expect(await seconds(takeLock(path))).toBeLessThan(15);
  });

  test("that is removed, or taken over, is lost: its process is told, and leaves the other's alone", async () => {
    for (const replace of [false, true]) {
      const path = join(root, `lost-${replace}`);
      const lock = await takeLock(path);
      await lock.check();
      rmSync(path);
      if (replace) writeFileSync(path, '{"token":"another"}');
      await expect(lock.check()).rejects.toMatchObject({ code: "OUTPUT" });
      await lock.release();
      expect(existsSync(path)).toBe(replace);

      const again = `${path}-again`;
      const other = await takeLock(again);
      rmSync(again);
      await sleep(2500);
      expect(other.lost.reason).toMatchObject({ code: "OUTPUT" });
    }
  });

  test("is taken over by one of many", async () => {
    const path = join(root, "many", "lock");
    mkdirSync(join(root, "many"));
    for (let round = 0; round < 10; round++) {
      const { child } = await hold(path);
      await kill(child);
      if (round % 2 === 0) cpSync(path, `${path}.takeover`);
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path)));
      const taken = tries.filter((tried) => tried.status === "fulfilled");
      expect(taken).toHaveLength(1);
      await taken[0]!.value.check();
      await taken[0]!.value.release();
      expect(readdirSync(join(root, "many"))).toEqual([]);
    }
  });

  test("waited for is worked under in turn", async () => {
    const path = join(root, "turns");
    let inside = 0;
    const work = async (): Promise<void> => {
      expect(++inside).toBe(1);
      await sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, undefined, work)));
    const stop = new AbortController();
    const lock = await takeLock(path);
    const waiting = withLock(path, stop.signal, work);
    setTimeout(() => stop.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await lock.release();
  });
});
