/** @file The names in JSON of what was measured: each figure of a record, and nothing that a user named. */
import { expect, test } from "vitest";
import { evaluationAsJson, recordAsJson, recordFromJson, resultsAsJson, type Measured } from "./agreement.ts";

const right = { accuracy: 50, correct: 1, count: 2 };
const tested = { ...right, balancedAccuracy: 50, augmented: right, calibration: [{ images: 2, correct: 1 }] };
const epochs = [{ epoch: 1, validationAccuracy: 50 }];
const record = {
  name: "student",
  // A method's own option.
  options: { accuracy: 1, test: 2 },
  epochs,
  pretraining: [{ name: "first", epochs }],
  train: right,
  validation: { images: 2, accuracy: 50, best: { epoch: 1, accuracy: 50 } },
  test: tested,
};
const agreeing = { agreement: 50, agreeing: 1, count: 2 };
const answered = {
  ...agreeing,
  balancedAgreement: 50,
  augmented: agreeing,
  calibration: [{ images: 2, agreeing: 1 }],
};

test("keys that every object has are none of a record's parts", () => {
  const odd = { measure: "agreement", valueOf: "x", test: { toString: 5 } };
  expect(recordFromJson(odd)).toEqual(odd);
});

test("agreement is never called accuracy, and is read again", () => {
  const inMemory = { ...record, measure: "agreement" } as const;
  const inJson = {
    ...inMemory,
    epochs: [{ epoch: 1, validationAgreement: 50 }],
    pretraining: [{ name: "first", epochs: [{ epoch: 1, validationAgreement: 50 }] }],
    train: agreeing,
    validation: { images: 2, agreement: 50, best: { epoch: 1, agreement: 50 } },
    test: answered,
  };
  expect(recordAsJson(inMemory)).toEqual(inJson);
  expect(recordFromJson(inJson)).toEqual(inMemory);
  expect(evaluationAsJson({ ...tested, measure: "agreement" } as const)).toEqual({ ...answered, measure: "agreement" });
});

test("what was measured on validation images is not called a test, and is read again", () => {
  const { test: found, ...rest } = record;
  const inJson = { ...rest, measured: found, measuredOn: "validation" };
  expect(recordAsJson({ ...record, measuredOn: "validation" } as const)).toEqual(inJson);
  expect(recordFromJson(inJson)).toEqual({ ...record, measuredOn: "validation" });
});

test("a table of results has the same names; agreement with the teacher, a share, stays", () => {
  const agreement = { images: 1, of: 2 };
  const run = { testAccuracy: 50, testInterval: [1, 99], balancedAccuracy: 50, augmented: right, agreement };
  const results = (measured: Measured) => resultsAsJson({ runs: [run], ...measured });
  expect(results({ measure: "agreement" })).toEqual({
    runs: [{ testAgreement: 50, testInterval: [1, 99], balancedAgreement: 50, augmented: agreeing, agreement }],
    measure: "agreement",
  });
  expect(results({ measuredOn: "validation" })).toEqual({
    runs: [{ measuredAccuracy: 50, measuredInterval: [1, 99], balancedAccuracy: 50, augmented: right, agreement }],
    measuredOn: "validation",
  });
});

test("nothing else is renamed, and what is no record is left to the check", () => {
  expect(recordAsJson(record as object)).toEqual(record);
  for (const value of [undefined, null, 1, "text", [1], { measure: "agreement", epochs: 3 }])
    expect(recordFromJson(value)).toEqual(value);
});
