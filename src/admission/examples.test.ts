import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '../api/object.ts';
import { decide } from './decide.ts';
import { noFacts } from './facts.ts';
import { requestFor } from './testing.ts';

const folder = path.resolve(import.meta.dirname, '../../examples');
const now = new Date('2026-11-20T12:00:00Z');
const filesIn = (place: string): readonly string[] => readdirSync(place).filter((name) => name.endsWith('.yaml'));

const decisionOn = (text: string) => decide(requestFor(parse(text) as KubernetesObject), { now, facts: noFacts });

describe('examples', () => {
  for (const name of filesIn(folder)) {
    it(`admits ${name}`, () => {
      const { refusal } = decisionOn(readFileSync(path.join(folder, name), 'utf8'));
      assert.equal(refusal?.message, undefined);
    });
  }

  const refused = path.join(folder, 'refused');
  for (const name of filesIn(refused)) {
    it(`refuses ${name} for what its first line says`, () => {
      const text = readFileSync(path.join(refused, name), 'utf8');
      const fields = /^# refused: (.*)$/m.exec(text)?.[1]?.split(', ').sort();
      const { refusal } = decisionOn(text);
      const found = new Set(refusal?.details?.causes?.map(({ field }) => field));
      assert.deepEqual([...found].sort(), fields, refusal?.message ?? 'admitted');
    });
  }
});
