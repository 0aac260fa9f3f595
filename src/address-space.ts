/** @file How many addresses this process may still take, where `ulimit -v` limits them. V8 ends the process where it is refused what it needs. */

/** Of a thread of Node's, in bytes: V8 reserves 842 MiB for it in Node 26, whatever it does. */
export const threadAddresses: number = 2 ** 30;

/** In bytes; infinite where there is no limit, or none that can be read: in browsers, and on systems other than Linux. */
export function addressesLeft(): number {
  if (typeof process !== "object" || process.platform !== "linux") return Infinity;
  const limit = /^Max address space +(\d+)/m.exec(read("limits"))?.[1];
  if (limit === undefined) return Infinity;
  return Number(limit) - 1024 * Number(/^VmSize:\s+(\d+)/m.exec(read("status"))?.[1] ?? 0);
}

/** What the system says of this process; empty where it says nothing. */
function read(name: string): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(`/proc/self/${name}`, "utf8");
  } catch {
    return "";
  }
}
