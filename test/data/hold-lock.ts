/** @file Holds a lock until it is killed: `node hold-lock.ts PATH` prints its process's id once it has it, or the error's code. */
import { takeLock } from "../../src/data/node/lock.ts";

try {
  const lock = await takeLock(process.argv[2]!);
  setInterval(() => undefined, 1000);
  lock.lost.addEventListener("abort", () => process.stdout.write(" lost", () => process.exit(0)));
  process.stdout.write(`${process.pid}`);
} catch (error) {
  process.stdout.write((error as { code?: string }).code ?? "UNEXPECTED");
}
