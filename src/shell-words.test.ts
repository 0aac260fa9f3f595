import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { printable } from "./printable.ts";
import { shellWords } from "./shell-words.ts";

test.skipIf(process.platform === "win32")("a shell reads words back as they were", () => {
  const words = ["plain-1.2/x", "two words", "it's", "$HOME", "`ls`", '"', "", "a\nb", "*"];
  const script = `for word in ${shellWords(words)}; do printf '%s\\0' "$word"; done`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(words.map((word) => `${word}\0`).join(""));
});

test.skipIf(process.platform === "win32")(
  "a word with what a terminal obeys is shown as its bytes, and means the same",
  () => {
    const words = ["it's\u001B[31m red\u001B[0m", "a\u202Egpj.exe", "\u009B2J\r\u0007", "plain"];
    const shown = shellWords(words);
    expect(printable(shown)).toBe(shown);
    const said = execFileSync("sh", ["-c", `printf '%s\\n' ${shown}`], { encoding: "utf8" });
    expect(said).toBe(words.map((word) => `${word}\n`).join(""));
  },
);
