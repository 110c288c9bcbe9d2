#!/usr/bin/env node
/** The `sluice` command: hands the arguments to the command they name and ends with its exit code. */
import { run } from './cli/run.js';
import { processTerminal } from './cli/terminal.js';

// `sluice tools | head`: the reader has seen enough, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2), processTerminal());

// The loop ends by itself when everything is closed; a handle that somebody forgot must not hold up the shell.
setTimeout(() => process.exit(), 2000).unref();
