import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { makeToy, type Toy } from '../../test/support/toy-engine.ts';
import { openExchange, type Exchange } from './exchange.ts';

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 70_000) yield await Promise.resolve(bytes.subarray(at, at + 70_000));
}
async function joined(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the pipes between the containers of a backup pod', function () {
  this.timeout(60_000);
  let root: string;
  let toy: Toy;
  let container: ChildProcess;
  let exchange: Exchange;
  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'exchange-'));
    toy = makeToy(root);
    container = toy.start();
    exchange = await openExchange(toy.exchange, 20_000);
  });
  afterEach(async () => {
    await exchange.close();
    if (container.exitCode === null && container.signalCode === null) await once(container, 'exit');
    rmSync(root, { recursive: true });
  });

  it('carry arguments of any kind', async () => {
    const words = ['', ' a  b ', "it's", '$(id)', '*', 'ü\n', '-n', '"'];
    assert.equal(await exchange.run('echo', words), words.map((word) => `[${word}]`).join(''));
  });

  it('tell what a verb complained of', async () => {
    await assert.rejects(exchange.run('fail', ['bread']), /^Error: no bread today$/);
    await assert.rejects(exchange.run('unknown'), /knows no verb unknown/);
    await assert.rejects(joined(exchange.output('fail', ['milk'])), /no milk today/);
    await assert.rejects(exchange.input('fail', ['salt'], pieces(randomBytes(500_000))), /no salt today/);
    assert.equal(await exchange.run('echo', ['still there']), '[still there]');
  });

  it('carry everything, both ways, one verb after the other', async () => {
    const content = randomBytes(5_000_003);
    const there = path.join(root, 'there');
    await exchange.input('load', [there], pieces(content));
    assert.equal(sha(readFileSync(path.join(there, 'loaded.table'))), sha(content));
    assert.equal(sha(await joined(exchange.output('dump', [there]))), sha(content));
  });

  it('do not take half a dump for a whole one', async () => {
    const there = path.join(root, 'there');
    mkdirSync(there);
    writeFileSync(path.join(there, 'a.table'), 't1 1\n');
    writeFileSync(path.join(there, 'torn'), '');
    await assert.rejects(joined(exchange.output('dump', [there])), /the toy broke/);
  });

  it('end when the engine ends', async () => {
    const dump = joined(exchange.output('slow'));
    setTimeout(() => process.kill(-(container.pid ?? 0), 'SIGKILL'), 300);
    await assert.rejects(dump, /container of the engine ended in the middle/);
    await assert.rejects(exchange.run('echo', ['anybody?']), /container of the engine ended/);
  });

  it('let the engine end, with 0, when the agent is gone', async () => {
    await exchange.run('echo', ['x']);
    await exchange.close();
    const [code] = (await once(container, 'exit')) as [number];
    assert.equal(code, 0);
  });
});
