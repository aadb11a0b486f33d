import assert from 'node:assert/strict';
import { warningTexts } from './exchange.ts';

describe('Warning headers', () => {
  const table: readonly (readonly [string, string | readonly string[] | undefined, readonly string[]])[] = [
    ['none', undefined, []],
    ['one', '299 - "plan: restarts 3 servers"', ['plan: restarts 3 servers']],
    ['several in one', '299 - "a, b", 299 - "c"', ['a, b', 'c']],
    ['several headers', ['299 - "a"', '299 kube "b"'], ['a', 'b']],
    ['quotes and backslashes', String.raw`299 - "say \"no\" to C:\\"`, ['say "no" to C:\\']],
    ['something else', 'nonsense', []],
  ];
  for (const [title, header, texts] of table) {
    it(title, () => assert.deepEqual(warningTexts(header), texts));
  }
});
