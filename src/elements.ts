/** @file Elements that have to be there: a list's at an index, a map's under a key. What is missing is an error that says so. */

/** The element at an index, from the end where it is negative. NOTE: not for loops over many numbers, which it slows. */
export function elementAt<Element>(list: ArrayLike<Element | undefined>, index: number): Element {
  const element = list[index < 0 ? list.length + index : index];
  if (element === undefined) throw new Error(`there should be an element ${index}, got ${list.length} elements`);
  return element;
}

/** The value that a map has under a key. */
export function valueAt<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`there should be a value under ${String(key)}, got ${map.size} others`);
  return value;
}
