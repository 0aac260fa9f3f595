/** @file Where threads come from: Node's worker threads or the browser's workers. The rim of the engine. */
import type { Command, Report } from "./protocol.ts";

/** A started thread. */
export interface Thread {
  send(command: Command): void;
  /** Whether the process should stay alive for it. */
  hold(on: boolean): void;
  stop(): void | Promise<unknown>;
}

/** What a platform can do. */
export interface Platform {
  readonly name: string;
  /** Processors that may be used. */
  readonly processors: number;
  /** Whether memory can be shared between threads. */
  readonly canShare: boolean;
  /** Bytes that the system can still give this process; infinite where it does not say, or never ends one for lack of them. */
  availableMemory(): number;
  start(onReport: (report: Report) => void, onFailure: (message: string) => void): Promise<Thread>;
  /** Compiles; `wide` with 256-bit vectors and fast soon, where the platform has such switches. They stay set. */
  compile(bytes: Uint8Array<ArrayBuffer>, wide: boolean): Promise<WebAssembly.Module>;
  /** Whether `wide` can have an effect. */
  readonly canWiden: boolean;
}

/** The platform this code runs on. */
export async function currentPlatform(): Promise<Platform> {
  // NOTE: bundlers for the browser must not follow the first import; the field `browser` of package.json sees to it.
  const isNode = typeof process === "object" && typeof process.versions?.node === "string";
  return isNode
    ? (await import("./platform-node.ts")).nodePlatform()
    : (await import("./platform-web.ts")).webPlatform();
}
