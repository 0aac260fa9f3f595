import { expect, test } from "vitest";
import { wrapped } from "./wrapped.ts";

test("a line is broken between words, the rest set in; a word longer than the terminal stays whole", () => {
  expect(wrapped("  kd  Matches the teacher's class probabilities", 6, 24)).toBe(
    "  kd  Matches the\n      teacher's class\n      probabilities",
  );
  expect(wrapped("  name  a-word-without-end short", 8, 14)).toBe("  name\n    a-word-without-end\n    short");
  expect(wrapped("two words", 0, 80)).toBe("two words");
  expect(wrapped("two words", 0, Infinity)).toBe("two words");
  expect(wrapped("猫猫猫 猫猫猫", 0, 8)).toBe("猫猫猫\n猫猫猫");
});
