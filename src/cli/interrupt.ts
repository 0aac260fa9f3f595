/** @file Ctrl-C: the first asks the work to stop and save, the second ends the process at once. */

/** Runs work under a signal that Ctrl-C, or being asked to terminate, raises. `onStop` is told the first time. */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  onStop: () => void,
): Promise<Result> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    onStop();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
