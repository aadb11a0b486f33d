/** `report NAME`: one archive for a bug report, without any Secret's values. */
import { gzipSync } from 'node:zlib';
import { clusterFlags, type Command } from '../command.ts';
import { findDatabase, onlyName } from '../lookup.ts';
import { collect } from '../report/collect.ts';
import { tar } from '../report/tar.ts';
import { Told } from '../told.ts';

export const report: Command = {
  name: 'report',
  summary: 'collect what a bug report needs into one archive, without passwords',
  operands: 'NAME',
  text: `Writes status, children, Events and the logs of members and operator into a .tar.gz. Values of Secrets are never written, and
are struck out wherever they appear; look through it before you give it away all the same.`,
  flags: [
    { name: 'file', value: 'FILE', help: 'where to (default: report-NAMESPACE-NAME-TIME.tar.gz here)' },
    { name: 'log-lines', value: 'N', help: 'last lines of each log (default 2000)' },
    { name: 'unchecked-logs', help: 'logs also where Secrets may not be read, and so not be struck out' },
    ...clusterFlags,
  ],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const lines = Number(call.value('log-lines') ?? 2000);
    if (!Number.isInteger(lines) || lines < 0) throw new Told('--log-lines must be a whole number', 2);
    const { cluster, database } = await findDatabase(call);
    const { world } = call;
    const folder = `report-${cluster.namespace}-${database.metadata.name}-${world.now().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
    const files = await collect(cluster, database, {
      lines,
      now: world.now(),
      version: await world.version(),
      uncheckedLogs: call.is('unchecked-logs'),
      progress: (text) => world.stderr(`${text}\n`),
    });
    const entries = Object.entries(files).map(([path, text]) => ({
      path: `${folder}/${path}`,
      content: Buffer.from(text),
    }));
    const path = call.value('file') ?? `${folder}.tar.gz`;
    try {
      await world.writeNewFile(path, gzipSync(tar(entries)));
    } catch (error) {
      throw new Told(
        `${path} can't be written: ${error instanceof Error ? error.message : String(error)}; --file names another`,
      );
    }
    world.stdout(`${path}\n`);
    return 0;
  },
};
