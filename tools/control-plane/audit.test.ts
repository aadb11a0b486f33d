import assert from 'node:assert/strict';
import { parseAuditLog } from './audit.ts';

describe('audit log', () => {
  it('reads whole lines only', () => {
    const events = parseAuditLog('{"verb":"get"}\n{"verb":"list"}\n{"verb":"wa');
    assert.deepEqual(
      events.map(({ verb }) => verb),
      ['get', 'list'],
    );
  });

  it('has an empty user agent for clients that send none', () => {
    const [none, some] = parseAuditLog('{"verb":"get"}\n{"verb":"get","userAgent":"kubectl"}\n');
    assert.deepEqual([none?.userAgent, some?.userAgent], ['', 'kubectl']);
  });

  it('is empty before the first request', () => assert.deepEqual(parseAuditLog(''), []));
});
