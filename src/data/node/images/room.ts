/** @file Room for pictures while they are decoded: small ones many at a time, large ones one by one, so that memory stays bounded. */

/** Pixels that are decoded at a time, unless one picture has more. */
const MOST = 2 ** 25;

let taken = 0;
const waiting: { readonly pixels: number; readonly go: () => void }[] = [];

/** Does the work when there is room for so many pixels, in the order of asking. */
export async function withRoom<Result>(pixels: number, work: () => Promise<Result>): Promise<Result> {
  if (waiting.length > 0 || !fits(pixels)) await new Promise<void>((go) => waiting.push({ pixels, go }));
  else taken += pixels;
  try {
    return await work();
  } finally {
    taken -= pixels;
    for (let next = waiting[0]; next && fits(next.pixels); next = waiting[0]) {
      waiting.shift();
      taken += next.pixels;
      next.go();
    }
  }
}

function fits(pixels: number): boolean {
  return taken === 0 || taken + pixels <= MOST;
}
