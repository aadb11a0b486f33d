/** The commands of docs/walkthroughs, as a person types them: one after the other, in a namespace of their own. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { blocksOf } from '../../../tools/walkthroughs.ts';
import { repository, run, type Cluster } from '../cluster.ts';
import { startEnvironment, type Environment } from '../environment.ts';
import { pluginPath, type PluginPath } from '../plugin-path.ts';

/** Document → what its reads print in the end. MongoDB's says that it was not run: there is no image of it. */
const documents = ['postgresql', 'mysql', 'mariadb', 'redis'].filter((name) => {
  const wanted = (process.env['E2E_ENGINE'] ?? '').split(',').filter((engine) => engine !== '');
  return wanted.length === 0 || wanted.includes(name);
});
const limitMs = 420_000;

describe('walkthroughs on a real node', function () {
  this.timeout(limitMs);
  let environment: Environment;
  let cluster: Cluster;
  let plugin: PluginPath;

  before(async () => {
    environment = await startEnvironment('docs', ['postgres-17', 'mysql-8.0', 'mariadb-11.8', 'redis-8.0']);
    ({ cluster } = environment);
    plugin = await pluginPath(cluster);
    // The commands name no namespace: it is that of the context.
    const { code, stderr } = await plugin.kubectl([
      'config',
      'set-context',
      '--current',
      `--namespace=${environment.namespace}`,
    ]);
    assert.equal(code, 0, stderr);
  });
  after(async () => {
    await environment.stop();
    await plugin.remove();
  });

  for (const name of documents) {
    it(`${name}: every command does what the page says`, async () => {
      const blocks = blocksOf(await readFile(path.join(repository, 'docs/walkthroughs', `${name}.md`), 'utf8'));
      let commands = 0;
      let output = '';
      for (const { info, text, line } of blocks) {
        const [, file] = /file=(\S+)/.exec(info) ?? [];
        if (file !== undefined) await writeFile(path.join(plugin.folder, file), text);
        if (info !== 'sh run') continue;
        const script = `cd ${plugin.folder} && set -ex\n${text}`;
        const { code, stdout, stderr } = await run('env', [...plugin.environment, 'sh', '-c', script], {
          timeoutMs: limitMs,
        });
        assert.equal(code, 0, `docs/walkthroughs/${name}.md:${line}\n${stdout}${stderr}`);
        commands += text.trim().split('\n').length;
        output += stdout;
      }
      assert.ok(commands >= 15, String(commands));
      assert.ok((output.match(/first/g) ?? []).length >= 2, 'what was written is read again after sleep');
    });
  }
});
