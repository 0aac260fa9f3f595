import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { LimbeckError, reasonOf, systemCode } from "./errors.ts";

test("why something failed is what an error says, one of another realm too, or whatever was thrown", () => {
  expect(reasonOf(new LimbeckError("OUTPUT", "the disk is full"))).toBe("the disk is full");
  expect(reasonOf(runInNewContext("new Error('elsewhere')"))).toBe("elsewhere");
  expect(["text", 5, null, undefined, {}].map(reasonOf)).toEqual(["text", "5", "null", "undefined", "[object Object]"]);
});

test("the system's code is read of errors that have one", () => {
  expect(systemCode(Object.assign(new Error("gone"), { code: "ENOENT" }))).toBe("ENOENT");
  expect(systemCode(runInNewContext("Object.assign(new Error('gone'), { code: 'ENOENT' })"))).toBe("ENOENT");
  expect([new Error("none"), "text", null, undefined].map(systemCode)).toEqual(Array(4).fill(undefined));
});
