import assert from 'node:assert/strict';
import type { Document } from 'mongodb';
import { BackupFault, type EngineTools } from '../backup.ts';
import { mongodbBackup, type Run } from './backup.ts';

/** Answers by the first word of a command; writes down what was asked. There is no MongoDB to try it against. */
function scripted(answers: Readonly<Record<string, Document>>): { readonly asked: string[]; readonly run: Run } {
  const asked: string[] = [];
  const run: Run = (database, command) => {
    const [verb = ''] = Object.keys(command);
    asked.push(`${database} ${verb}${typeof command[verb] === 'string' ? ` ${command[verb]}` : ''}`);
    return Promise.resolve(answers[verb] ?? { ok: 1 });
  };
  return { asked, run };
}

const tools: EngineTools = {
  run: () => Promise.resolve(''),
  output: () => pieces(),
  input: () => Promise.resolve(),
};
async function* pieces(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from('archive'));
}
const open = (run: Run, password = 'p') =>
  mongodbBackup(() => Promise.resolve({ run, close: () => Promise.resolve() })).open(
    { host: 'h', port: 1, password },
    tools,
  );
const empty = { databases: [{ name: 'admin' }, { name: 'local' }] };
const noMark = { cursor: { firstBatch: [] } };
const marked = (state: string) => ({ cursor: { firstBatch: [{ _id: 'restore', state, mark: 'm' }] } });

describe('backups of MongoDB', () => {
  it('count every collection, and say that the count is not of one moment', async () => {
    const { run } = scripted({
      listDatabases: { databases: [{ name: 'admin' }, { name: 'shop' }] },
      listCollections: { cursor: { firstBatch: [{ name: 'orders' }, { name: 'system.views' }] } },
      count: { n: 5 },
    });
    assert.deepEqual(await open(run).take({ put: () => Promise.resolve() }), {
      ...{ method: 'mongodb/count/1', approximate: true },
      databases: { shop: { orders: { rows: 5, approximate: true } } },
    });
  });

  it('are restored into an empty server, with a right that is taken back', async () => {
    const { asked, run } = scripted({ listDatabases: empty, find: noMark });
    const session = open(run);
    assert.equal(await session.prepare('m'), 'ready');
    await session.restore({
      streams: [{ kind: 'server', format: 'archive', objects: [], bytes: 1, sha256: '' }],
      read: pieces,
    });
    await session.finish({ database: 'shop', username: 'app', password: 'new' });
    assert.deepEqual(asked.slice(2), [
      'admin update database_operator_restore',
      'admin createRole database_operator_restore',
      'admin grantRolesToUser root',
      'admin dropRole database_operator_restore',
      'shop updateUser app',
      'admin update database_operator_restore',
    ]);
  });

  it('are not restored over data, begin anew after a kill, and are complete once', async () => {
    const full = { databases: [{ name: 'shop' }] };
    const refused = (error: unknown): boolean => error instanceof BackupFault && error.reason === 'NotEmpty';
    await assert.rejects(open(scripted({ listDatabases: full, find: noMark }).run).prepare('m'), refused);
    await assert.rejects(open(scripted({ listDatabases: full, find: marked('begun') }).run).prepare('other'), refused);
    const again = scripted({ listDatabases: full, find: marked('begun') });
    assert.equal(await open(again.run).prepare('m'), 'ready');
    assert.ok(again.asked.includes('shop dropDatabase'));
    assert.equal(await open(scripted({ listDatabases: full, find: marked('complete') }).run).prepare('m'), 'complete');
  });
});
