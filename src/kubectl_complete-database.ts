#!/usr/bin/env node
/** kubectl runs this to complete `kubectl database …`. */
import { systemClock } from './composition/clock.ts';
import { plugin } from './plugin/main.ts';
import { processWorld } from './plugin/world.ts';

process.exitCode = await plugin(['__complete', ...process.argv.slice(2)], processWorld(systemClock, process.env));
