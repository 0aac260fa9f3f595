#!/usr/bin/env node
/** @file The command `limbeck`: everything else is imported when a command needs it. */
import { runCommandLine } from "./program.ts";

// A reader that has seen enough, such as `head`, closes the pipe: no reason to complain.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2));
