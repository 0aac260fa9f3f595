import { expect, test } from "vitest";
import { isGuessing } from "./check-teacher.ts";

/** Every class has as many images; `right` of them are told, the others are spread over all classes. */
function evaluation(classes: number, images: number, right: number) {
  const confusion = Array.from({ length: classes }, (_, label) =>
    Array.from({ length: classes }, (_, predicted) =>
      predicted === label ? right + (images - right) / classes : (images - right) / classes,
    ),
  );
  return { count: classes * images, confusion };
}

/** Always the first class. */
function stubborn(...images: number[]) {
  const confusion = images.map((n) => images.map((_, predicted) => (predicted === 0 ? n : 0)));
  return { count: images.reduce((sum, n) => sum + n), confusion };
}

test.each([2, 3, 10, 100])("of %d classes, a network that guesses is told from one that knows", (classes) => {
  expect(isGuessing(evaluation(classes, 100, 0))).toBe(true);
  expect(isGuessing(evaluation(classes, 100, 50))).toBe(false);
});

test("the bound is twice the odds of guessing: 2 of 11 for ten classes", () => {
  const of = (right: number) => evaluation(10, 100, right);
  // Right by knowledge, and a tenth of the rest by guessing: 18 % and 19 %.
  expect(isGuessing(of(8.8))).toBe(true);
  expect(isGuessing(of(10))).toBe(false);
});

test("always saying the commonest class is guessing, however often it is right", () => {
  expect(isGuessing(stubborn(900, 100))).toBe(true);
  expect(isGuessing(stubborn(100, 100, 100))).toBe(true);
});

test("where test images are too few, or of one class, nothing can be told", () => {
  expect(isGuessing(evaluation(10, 4, 0))).toBe(false);
  expect(isGuessing(evaluation(10, 5, 0))).toBe(true);
  expect(isGuessing(stubborn(100, 0))).toBe(false);
});
