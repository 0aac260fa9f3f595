/** @file Level scheduling: which kernels may run in any order, or at once, between two barriers. */

/** A piece of memory. What two dispatches both touch is one object. */
export interface Span {
  readonly label: string;
  readonly bytes: number;
}

/** A kernel to be run once: what the compiler knows of it is which memory it touches. */
export interface Dispatch<Memory extends Span = Span> {
  readonly label: string;
  readonly reads: readonly Memory[];
  readonly writes: readonly Memory[];
}

/** Puts each dispatch in the level before if it neither reads what that level writes nor touches what it reads. Order is kept. */
export function levels<ADispatch extends Dispatch>(dispatches: readonly ADispatch[]): ADispatch[][] {
  const result: ADispatch[][] = [];
  for (const dispatch of dispatches) {
    const level = result.at(-1);
    if (level && level.every((earlier) => areIndependent(earlier, dispatch))) level.push(dispatch);
    else result.push([dispatch]);
  }
  return result;
}

function areIndependent(a: Dispatch, b: Dispatch): boolean {
  const touches = (list: readonly Span[], others: readonly Span[]): boolean => list.some((x) => others.includes(x));
  return !touches(a.writes, b.reads) && !touches(a.writes, b.writes) && !touches(a.reads, b.writes);
}
