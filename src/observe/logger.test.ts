import assert from 'node:assert/strict';
import { createLogger, scrubText, type Logger } from './logger.ts';

function recorded(level: 'debug' | 'info' = 'info'): {
  logger: Logger;
  lines: () => Record<string, unknown>[];
  text: () => string;
} {
  let text = '';
  const logger = createLogger({
    level,
    base: { pod: 'p' },
    destination: { write: (line: string) => void (text += line) },
  });
  return {
    logger,
    text: () => text,
    lines: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('logger', () => {
  it('writes a JSON line with level, time, message and fields', () => {
    const { logger, lines } = recorded();
    logger.info({ uid: 'u', name: 'orders' }, 'admitted');
    const [line = {}] = lines();
    assert.equal(line['level'], 'info');
    assert.equal(line['message'], 'admitted');
    assert.equal(line['uid'], 'u');
    assert.equal(line['pod'], 'p');
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('leaves out what is below its level', () => {
    const { logger, text } = recorded();
    logger.debug({}, 'detail');
    assert.equal(text(), '');
  });

  it('gives fields of a child to its lines', () => {
    const { logger, lines } = recorded();
    logger.child({ controller: 'Database', password: 'hunter2' }).warn({}, 'x');
    assert.equal(lines()[0]!['controller'], 'Database');
    assert.ok(!JSON.stringify(lines()).includes('hunter2'));
  });

  it('drops the content of objects at any depth', () => {
    const { logger, text } = recorded();
    const secret = { metadata: { name: 'x' }, data: { password: 'aHVudGVyMg==' }, spec: { a: 'hunter2' } };
    logger.info({ secret, nested: { list: [{ spec: { b: 'hunter2' } }] }, spec: { c: 'hunter2' } }, 'x');
    assert.ok(!text().includes('hunter2') && !text().includes('aHVudGVyMg'));
  });

  for (const key of ['password', 'PGPASSWORD', 'token', 'authorization', 'credentials', 'key', 'uri']) {
    it(`redacts ${key}`, () => {
      const { logger, text } = recorded();
      logger.info({ [key]: 'hunter2', deep: { [key]: ['hunter2'] } }, 'x');
      assert.ok(!text().includes('hunter2'), text());
    });
  }

  it('leaves the stack out of what the API server answered, and keeps that of a bug', () => {
    const { logger, lines } = recorded();
    const outcome = Object.assign(new Error('watch databases: storage is (re)initializing'), { name: 'ApiError' });
    logger.warn({ error: outcome }, 'a watch failed');
    logger.error({ error: new TypeError('x is not a function') }, 'a pass failed');
    const [answered, bug] = lines().map((line) => line['error'] as { stack?: string });
    assert.equal(answered!.stack, undefined);
    assert.match(bug!.stack!, /logger\.test/);
  });

  it('keeps type, message, stack and causes of an error, without passwords in URLs', () => {
    const { logger, lines, text } = recorded();
    const cause = new Error('connect postgres://app:hunter2@db:5432/x failed');
    logger.error({ error: new TypeError('outer', { cause }) }, 'failed');
    const error = lines()[0]!['error'] as { type: string; message: string; cause: { message: string } };
    assert.equal(error.type, 'TypeError');
    assert.equal(error.cause.message, 'connect postgres://app:[redacted]@db:5432/x failed');
    assert.ok(!text().includes('hunter2'));
  });

  it('redacts private keys inside texts', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----';
    assert.equal(scrubText(`read ${pem} from file`), 'read [redacted] from file');
    assert.equal(scrubText('-----BEGIN EC PRIVATE KEY-----\nMIGH'), '[redacted]');
  });

  it('survives what refers to itself', () => {
    const { logger, lines } = recorded();
    const loop: Record<string, unknown> = { name: 'x' };
    loop['self'] = loop;
    logger.info({ loop }, 'x');
    assert.equal(lines().length, 1);
  });
});
