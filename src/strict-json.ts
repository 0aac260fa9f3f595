/** @file JSON from outside: no key twice, and no deeper than what is read from it. */

/** Deeper than anything that Limbeck writes. */
const DEEPEST = 32;

/**
 * The value of a JSON text. Throws an Error, whose message says what is wrong, for text that is no JSON, that is nested more
 * than `deepest` deep (a few megabytes of brackets take gigabytes of memory), or that has a key twice in one object, of which
 * `JSON.parse` keeps the last.
 */
export function parseStrictJson(text: string, deepest: number = DEEPEST): unknown {
  const written = countKeys(text, deepest);
  const value: unknown = JSON.parse(text);
  if (keysOf(value) < written) throw new Error("a key is there twice");
  return value;
}

/** Keys in the text: colons that are in no string. */
function countKeys(text: string, deepest: number): number {
  let [depth, keys] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "{":
      case "[":
        depth++;
        if (depth > deepest) throw new Error(`it is nested more than ${deepest} deep`);
        break;
      case "}":
      case "]":
        depth--;
        break;
      case ":":
        keys++;
    }
  }
  return keys;
}

/** Where the string that begins at `at` ends. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === '"') return end;
  }
  return text.length;
}

function keysOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner: unknown[] = Object.values(value);
  let keys = Array.isArray(value) ? 0 : inner.length;
  for (const each of inner) keys += keysOf(each);
  return keys;
}
