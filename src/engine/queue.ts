/** @file The order of an engine's work: one job after another, as they were asked for. */

/** Runs jobs one at a time, first come, first served. A job that fails does not hold up the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `job` after all jobs added before it; the promise settles as the job does. */
  add<Result>(job: () => Result | Promise<Result>): Promise<Result> {
    const result = this.#last.then(job);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Settles, without an error, when all jobs added so far have ended. */
  async drained(): Promise<void> {
    await this.#last;
  }
}
