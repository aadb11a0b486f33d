/** What people see: a state in, a screen out. `UPDATE_GOLDEN=1` writes the screens anew. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isOwnKind, unknownFields, validateSchema, validateStatus } from '../../api/schema.ts';
import { plain, coloured } from '../style.ts';
import type { StatusState } from './state.ts';
import { view } from './view.ts';

const folder = path.join(import.meta.dirname, 'golden');
const now = new Date('2026-05-31T12:00:00Z');
const states = readdirSync(folder).filter((file) => file.endsWith('.in.json'));
const read = (file: string): StatusState => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as StatusState;

describe('status', () => {
  for (const file of states) {
    const state = read(file);
    it(`shows ${file.replace('.in.json', '')}`, () => {
      const golden = path.join(folder, file.replace('.in.json', '.txt'));
      const screen = view(state, { now, style: plain, width: 100 });
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, screen);
      assert.equal(screen, readFileSync(golden, 'utf8'));
      assert.ok(
        screen.split('\n').every((line) => line === line.trimEnd()),
        'no line ends in blanks',
      );
    });

    it(`${file} is what an API server would store`, () => {
      for (const object of [state.database, ...state.users, ...state.backups]) {
        const { kind } = object;
        assert.ok(isOwnKind(kind));
        const faults = [
          ...validateSchema(kind, object),
          ...validateStatus(kind, object),
          ...unknownFields(kind, object),
        ];
        assert.deepEqual(faults, [], object.metadata.name);
      }
    });

    it(`${file} says the same with colours`, () => {
      const screen = view(state, { now, style: coloured, width: 100 });
      const bare = screen
        .split(String.fromCharCode(27))
        .map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')));
      assert.notEqual(screen, bare.join(''));
      assert.equal(bare.join('').replaceAll(/ +$/gm, ''), view(state, { now, style: plain, width: 100 }));
    });
  }
});
