/** @file A promise that never settles, told from one that takes its time. */

const patience = 60_000;

/** Settles as the promise does; rejects if that takes a minute. */
export async function settles<Result>(promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("did not settle")), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
