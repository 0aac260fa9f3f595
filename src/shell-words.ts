/** @file Words of a command line to show: pasted into a shell, they are the same words. */
import { printable } from "./printable.ts";

/** Words as one would type them into a POSIX shell; what a terminal would obey instead of showing it is written as its bytes. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(" ");
}

function quoted(word: string): string {
  const bytesOf = (text: string): string =>
    Array.from(new TextEncoder().encode(text), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const characters = Array.from(word, (character) => {
    if (character === "'") return `'\\''`;
    return printable(character) === character ? character : `'"$(printf '${bytesOf(character)}')"'`;
  });
  return `'${characters.join("")}'`;
}
