import { expect, test } from "vitest";
import { printable } from "./printable.ts";

test("escape sequences of 7 and 8 bits, bells, returns and turned text are taken apart; names of any script stay", () => {
  expect(printable("\u001B[31mcat\u001B[0m")).toBe("�[31mcat�[0m");
  expect(printable("\u009B2Jcat\u0007\r\b\u007F")).toBe("�2Jcat����");
  expect(printable("a\u202Etac\u2066")).toBe("a�tac�");
  expect(printable("line\n\tline, Käfer, 猫, 🐈, عربي")).toBe("line\n\tline, Käfer, 猫, 🐈, عربي");
});
