/** @file A limit on silence: how long to wait for the next byte. */

/** A timer that is set anew whenever something came. */
export interface Patience {
  /** Raised when nothing came for so long. */
  readonly signal: AbortSignal;
  /** Something came: no time counts until `wait`. */
  pause(): void;
  wait(): void;
}

/** Counts from now on. To be paused at the end. */
export function patience(seconds: number): Patience {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const pause = (): void => clearTimeout(timer);
  const wait = (): void => {
    pause();
    timer = setTimeout(() => over.abort(), seconds * 1000);
  };
  wait();
  return { signal: over.signal, pause, wait };
}
