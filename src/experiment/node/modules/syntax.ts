/** @file Where a file is no JavaScript: Node says it of a module on the screen alone, not in the error. */
import { execFile } from "node:child_process";

/**
 * `/home/me/net.js:3` of the first of these files that Node cannot read, if there is one.
 *
 * NOTE: another process of Node, which reads the file and runs nothing of it.
 */
export async function syntaxErrorIn(files: Iterable<string>): Promise<string | undefined> {
  for (const file of files) {
    const message = await new Promise<string>((settle) => {
      execFile(process.execPath, ["--check", file], (error, _, stderr) => settle(error ? stderr : ""));
    });
    const [place = ""] = message.split("\n");
    if (place.startsWith(file)) return place;
  }
  return undefined;
}
