/** @file Text from outside, such as a class name in a file, made safe to show: it cannot move a cursor, colour a line or turn it round. */

/** Control characters but for tabs and line ends, and marks that change the direction of the text after them. */
const unseen = /(?![\t\n])[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

/** Line ends and tabs. */
const breaks = /[\t\n]/g;

/** The text with U+FFFD for each character that a terminal or a page would obey instead of showing it. */
export function printable(text: string): string {
  return text.replaceAll(unseen, "\uFFFD");
}

/** The same of text that has one line to itself, or a part of one: a name, a path. Line ends and tabs are replaced too. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(breaks, "\uFFFD");
}
