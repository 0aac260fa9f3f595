/** @file The user modules that this process has begun to run: whatever goes wrong outside a call of Limbeck's may be theirs. */

const begun = new Set<string>();
type Watch = (paths: readonly string[]) => Promise<void>;
const watchers = new Set<Watch>();

/** The absolute paths of the modules whose code has run, or runs. */
export function begunModules(): readonly string[] {
  return [...begun];
}

/** To be waited for before a module's code runs for the first time. */
export async function beginModule(path: string): Promise<void> {
  if (begun.has(path)) return;
  begun.add(path);
  await Promise.all([...watchers].map((watch) => watch(begunModules())));
}

/** Calls `watch` with all of them before the code of one more runs, which waits for it. */
export function watchModules(watch: Watch): void {
  watchers.add(watch);
}
