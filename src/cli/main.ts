#!/usr/bin/env node
/**
 * @file The command `limbeck`: everything else is imported when a command needs it.
 *
 * NOTE: nothing is imported before the version is looked at, and the syntax is that of 2022, so that a Node which is too old says so.
 */

/** As package.json has it. */
const needed = [20, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > needed[0] || (major === needed[0] && minor >= needed[1])) {
  const { runProcess } = await import("./program.ts");
  await runProcess(process.argv.slice(2));
} else {
  const message = `limbeck needs Node ${needed.join(".")} or later, this is Node ${process.versions.node}; install a newer one: https://nodejs.org`;
  process.stderr.write(`error UNSUPPORTED: ${message}\n`);
  process.exitCode = 1;
}
