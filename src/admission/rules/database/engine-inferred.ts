import type { Database } from '../../../api/types.generated.ts';
import { engines } from '../../../engines/index.ts';
import { inferEngine } from '../../../engines/infer.ts';
import { warning } from '../../field.ts';
import { getIn } from '../../json.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const engineInferred: Rule<Database> = {
  id: 'DB004',
  title: 'engine was inferred',
  kind: 'Database',
  on: ['CREATE'],
  why: 'An engine that nobody wrote down is chosen by what the image or the version happens to fit, and stays for good.',
  remedy: 'Write spec.engine.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, written }) {
    const isWritten = getIn(written, ['spec', 'engine']) !== undefined || object.spec.type !== undefined;
    if (isWritten || object.spec.engine === undefined) return [];
    const { image, version } = object.spec;
    const guess = inferEngine(engines, { image, version });
    if (guess === undefined) return [];
    const from = guess.from === 'image' ? `the image ${image ?? ''}` : `version ${version ?? ''}`;
    const others =
      guess.others.length === 0
        ? ''
        : ` (${guess.others.join(' and ')} ${guess.others.length === 1 ? 'has' : 'have'} it too)`;
    return [
      warning(
        'spec.engine',
        `${guess.engine} was inferred from ${from}${others} and can't be changed later; write it down`,
      ),
    ];
  },
  accepted: [{ title: 'written down', object: database() }],
  refused: [{ title: 'several engines have the version', object: database({ engine: undefined, version: '8.0' }) }],
};
