import { expect, test } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

test.each([
  '{"a":[1,{"b":null}],"":"\\\\\\":{","__proto__":{"c":1}}',
  '["a:b", "\\"", {"x":":"}]',
  "[]",
  '"a"',
  "-1.5e3",
  " null\n",
])("%s is read as JSON.parse does", (text) => {
  const value = parseStrictJson(text);
  expect(value).toEqual(JSON.parse(text));
  expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
});

test.each([
  ['{"a":1,"a":2}', "a key is there twice"],
  ['{"a":1,"\\u0061":2}', "a key is there twice"],
  ['[{"b":{"a":1,"c":2,"a":1}}]', "a key is there twice"],
  ['{"__proto__":1,"__proto__":1}', "a key is there twice"],
  ["[".repeat(33), "it is nested more than 32 deep"],
  [`${"[".repeat(33)}1${"]".repeat(33)}`, "it is nested more than 32 deep"],
  ['{"a":', "JSON"],
  ['{"a":1}}', "JSON"],
  ["", "JSON"],
  ['"', "JSON"],
])("%s is refused", (text, message) => {
  expect(() => parseStrictJson(text)).toThrow(message);
});

test("a hundred megabytes of brackets are refused at once", () => {
  expect(() => parseStrictJson("[".repeat(1e8))).toThrow("deep");
});
