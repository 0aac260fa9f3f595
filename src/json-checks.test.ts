import { expect, test } from "vitest";
import { aNumber, aString } from "./arguments.ts";
import { listOf, objectOf, ofKind, problemText, record } from "./json-checks.ts";

const check = objectOf({ name: ofKind(aString), sizes: listOf(ofKind(aNumber), 2) }, { more: listOf(record) });
const good = { name: "a", sizes: [1, 2] };

test.each<[string, unknown]>([
  ["all that has to be there", good],
  ["and what may be", { ...good, more: [{}, { any: 1 }] }],
])("%s is right", (_, value) => expect(check(value)).toBeUndefined());

test.each<[unknown, string]>([
  [null, "expected an object, got null"],
  [[good], "expected an object, got a list of 1"],
  [{ name: "a" }, "sizes: expected a value, got nothing"],
  [{ ...good, name: 5 }, "name: expected a string, got 5"],
  [{ ...good, sizes: [1] }, "sizes: expected a list of 2, got a list of 1"],
  [{ ...good, sizes: [1, "2"] }, 'sizes: 1: expected a number, got "2"'],
  [{ ...good, more: [{}, []] }, "more: 1: expected an object, got a list of 0"],
  [{ ...good, nmae: 1 }, 'unknown key "nmae"; known: name, sizes, more'],
  [JSON.parse('{"name":"a","sizes":[1,2],"__proto__":{}}'), 'unknown key "__proto__"; known: name, sizes, more'],
])("%j is refused", (value, problem) => expect(problemText(check(value)!)).toBe(problem));
