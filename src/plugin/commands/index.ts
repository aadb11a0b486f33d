/** The plugin's commands, in the order of the help. */
import type { Command } from '../command.ts';
import { backup } from './backup.ts';
import { completion } from './completion.ts';
import { connect } from './connect.ts';
import { plan, validate } from './files.ts';
import { logs } from './logs.ts';
import { hibernate, wake } from './power.ts';
import { promote } from './promote.ts';
import { report } from './report.ts';
import { restart } from './restart.ts';
import { restore } from './restore.ts';
import { statusCommand } from './status.ts';

export const commands: readonly Command[] = [
  statusCommand,
  plan,
  validate,
  connect,
  backup,
  restore,
  promote,
  restart,
  hibernate,
  wake,
  logs,
  report,
  completion,
];
