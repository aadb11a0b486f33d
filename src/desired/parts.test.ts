import assert from 'node:assert/strict';
import { completeDatabase } from '../admission/defaults.ts';
import { rules } from '../admission/rules/index.ts';
import { isSound } from '../admission/sound.ts';
import type { Database } from '../api/types.generated.ts';
import { engines } from '../engines/index.ts';
import { inputOf, parts } from './parts.ts';

const databases = rules
  .filter(({ kind }) => kind === 'Database')
  .flatMap(({ accepted }) => accepted)
  .filter(({ object }) => isSound('Database', object))
  .map(({ object }) => completeDatabase(object as Database));

const context = {
  ownerUid: 'u',
  credentials: { password: 'a', superuserPassword: 'b', replicationPassword: 'c', monitorPassword: 'd' },
  claimSize: '1Gi',
  agentImage: 'agent:1',
};

/** The same object, which tells what is read of it: `storage.size`, or `storage.*` where all names are asked for. */
function watched(database: Database, read: (field: string) => void): Database {
  const inside = (value: object, path: string): object =>
    new Proxy(value, {
      get: (target, name) => {
        const inner: unknown = Reflect.get(target, name);
        const field = path + String(name);
        if (path === '' && typeof inner === 'object' && inner !== null) return inside(inner, `${field}.`);
        read(field);
        return inner;
      },
      ownKeys: (target) => {
        read(`${path}*`);
        return Reflect.ownKeys(target);
      },
    });
  return { ...database, spec: inside(database.spec, '') };
}

describe('parts of what a Database becomes', () => {
  for (const [index, part] of parts.entries()) {
    it(`${index + 1}, ${part.resource.kind}, reads nothing but what it says, for every engine`, () => {
      const allowed = new Set<string>(part.reads);
      let made = 0;
      for (const engine of engines) {
        for (const database of databases) {
          const { runtime } = engine;
          assert.ok(runtime);
          const known = inputOf(database, engine, context);
          const reading = watched(database, (field) =>
            assert.ok(
              allowed.has('the whole spec') || allowed.has(field) || allowed.has(field.split('.')[0] ?? ''),
              `reads spec.${field}`,
            ),
          );
          made += part.build({ ...known, database: reading }, runtime).length;
        }
      }
      assert.ok(made > 0);
    });
  }
});
