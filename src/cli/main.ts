#!/usr/bin/env node
/** @file The command `limbeck`: everything else is imported when a command needs it. */
import { outliveReaders } from "./output.ts";
import { runCommandLine } from "./program.ts";

outliveReaders();
process.exitCode = await runCommandLine(process.argv.slice(2));
