#!/usr/bin/env node
/** The plugin's program: kubectl finds it on the PATH by its name, `kubectl-database`. */
import { systemClock } from './composition/clock.ts';
import { plugin } from './plugin/main.ts';
import { processWorld } from './plugin/world.ts';

// A reader such as head may leave early.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await plugin(process.argv.slice(2), processWorld(systemClock, process.env));
