import { expect, test } from "vitest";
import { DownloadPace } from "./download-pace.ts";

const at = (step: "downloading" | "unpacking", received: number) => ({ url: "", step, received, total: 1000 });

test("the time left follows from the bytes that came in this session, not from those of an earlier one", () => {
  const pace = new DownloadPace();
  expect(pace.secondsLeft(at("downloading", 500), 7)).toBeUndefined();
  expect(pace.secondsLeft(at("downloading", 510), 8)).toBeUndefined();
  expect(pace.secondsLeft(at("downloading", 600), 17)).toBe(40);
});

test("a step of its own, or one that begins again, is timed anew", () => {
  const pace = new DownloadPace();
  pace.secondsLeft(at("downloading", 0), 0);
  expect(pace.secondsLeft(at("unpacking", 100), 50)).toBeUndefined();
  expect(pace.secondsLeft(at("unpacking", 400), 53)).toBe(6);
  expect(pace.secondsLeft(at("unpacking", 0), 60)).toBeUndefined();
  expect(pace.secondsLeft(at("unpacking", 500), 70)).toBe(10);
});
