/** @file Room for pictures while they are decoded: small ones many at a time, large ones one by one, so that memory stays bounded. */

/** Bytes that pictures take at a time, unless one takes more. */
const MOST = 2 ** 28;

let taken = 0;
const waiting: { readonly bytes: number; readonly go: () => void }[] = [];

/** Does the work when there is room for so many bytes, in the order of asking. */
export async function withRoom<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
  if (waiting.length > 0 || !fits(bytes)) await new Promise<void>((go) => waiting.push({ bytes, go }));
  else taken += bytes;
  try {
    return await work();
  } finally {
    taken -= bytes;
    for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      taken += next.bytes;
      next.go();
    }
  }
}

function fits(bytes: number): boolean {
  return taken === 0 || taken + bytes <= MOST;
}
