#!/usr/bin/env node
/** The program `carom-explain`: prints what the command says. */
import { explainCommand } from './command.js';

const { status, output } = explainCommand(process.argv.slice(2));
(status === 0 ? process.stdout : process.stderr).write(`${output.trimEnd()}\n`);
process.exitCode = status;
