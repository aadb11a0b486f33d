import assert from 'node:assert/strict';
import { readConfig, printable, type Config } from './config.ts';
import { flagHelp, flags } from './flags.ts';

function config(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Config {
  const read = readConfig(args, env);
  assert.ok(read.ok, read.ok ? '' : read.problems.join('; '));
  return read.config;
}

function problems(args: readonly string[], env: Readonly<Record<string, string>> = {}): readonly string[] {
  const read = readConfig(args, env);
  assert.ok(!read.ok, 'accepted');
  return read.problems;
}

describe('configuration', () => {
  it('has the documented defaults', () => {
    const {
      port,
      opsPort,
      tls,
      certDir,
      controllers,
      leaderElect,
      watchNamespaces,
      logLevel,
      tlsMinVersion,
      webhookHosts,
    } = config();
    assert.deepEqual(
      { port, opsPort, tls, certDir, controllers, leaderElect, watchNamespaces, logLevel, tlsMinVersion, webhookHosts },
      {
        port: 9443,
        opsPort: 8443,
        tls: 'files',
        certDir: '/etc/database-operator/certs',
        controllers: true,
        leaderElect: false,
        watchNamespaces: [],
        logLevel: 'info',
        tlsMinVersion: 'TLSv1.3',
        webhookHosts: ['database-webhook.database-system.svc'],
      },
    );
  });

  it('takes booleans alone and with a value', () => {
    assert.equal(config(['--leader-elect']).leaderElect, true);
    assert.equal(config(['--leader-elect=true']).leaderElect, true);
    assert.equal(config(['--controllers=false']).controllers, false);
  });

  it('takes values with a space or an equals sign', () => {
    assert.equal(config(['--port', '1234']).port, 1234);
    assert.equal(config(['--port=1234']).port, 1234);
  });

  for (const [given, expected] of [
    ['', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b ,a', ['a', 'b']],
  ] as const) {
    it(`reads WATCH_NAMESPACE ${JSON.stringify(given)}`, () => {
      assert.deepEqual(config([], { WATCH_NAMESPACE: given }).watchNamespaces, expected);
    });
  }

  it('lets a flag go before its environment variable', () => {
    assert.deepEqual(config(['--watch-namespace=mine'], { WATCH_NAMESPACE: 'theirs' }).watchNamespaces, ['mine']);
    assert.deepEqual(config(['--watch-namespace='], { WATCH_NAMESPACE: 'theirs' }).watchNamespaces, []);
    assert.equal(config([], { POD_NAMESPACE: 'here' }).namespace, 'here');
  });

  it('joins a list flag that is given twice', () => {
    assert.deepEqual(config(['--webhook-host', 'a.b.svc', '--webhook-host=10.0.0.1,c']).webhookHosts, [
      'a.b.svc',
      '10.0.0.1',
      'c',
    ]);
  });

  it('waits longer for silence inside a pod', () => {
    assert.equal(config().drainQuiet, 1_000);
    assert.equal(config([], { KUBERNETES_SERVICE_HOST: '10.0.0.1' }).drainQuiet, 15_000);
    assert.equal(config(['--drain-quiet=0s'], { KUBERNETES_SERVICE_HOST: '10.0.0.1' }).drainQuiet, 0);
  });

  it('keeps no folder for self-signed certificates unless one is named', () => {
    assert.equal(config(['--tls=selfsigned']).certDir, undefined);
    assert.equal(config(['--tls=selfsigned', '--cert-dir=/x']).certDir, '/x');
  });

  it('tells all faults at once, each with its flag', () => {
    const told = problems([
      '--port=0x1',
      '--tls=maybe',
      '--controllers=perhaps',
      '--nonsense',
      'extra',
      '--drain-quiet=soon',
    ]);
    assert.equal(told.length, 6);
    for (const flag of ['--port', '--tls', '--controllers', '--nonsense', 'extra', '--drain-quiet']) {
      assert.ok(
        told.some((text) => text.includes(flag)),
        `${flag} in ${told.join('; ')}`,
      );
    }
  });

  for (const [args, env, expected] of [
    [['--port=65536'], {}, /--port is "65536": a whole number/],
    [['--port'], {}, /--port needs a value/],
    [['--port=8443'], {}, /both 8443/],
    [['--concurrency=0'], {}, /1 to 64/],
    [['--webhook-host='], {}, /at least one host/],
    [[], { WATCH_NAMESPACE: 'Bad_Name,ok' }, /WATCH_NAMESPACE.*Bad_Name can't be a namespace/],
    [['--controllers', 'false'], {}, /unexpected argument "false".*--flag=false/],
    [['--drain-quiet=1m', '--drain-timeout=30s'], {}, /--drain-timeout is shorter/],
    [['--drain-quiet=-1s'], {}, /duration/],
    [['--log-level=loud'], {}, /expected debug, info, warn, error/],
  ] as const) {
    it(`refuses ${JSON.stringify([...args, env])}`, () => {
      assert.match(problems(args, env).join('\n'), expected);
    });
  }

  it('can be printed without what the environment holds', () => {
    const text = JSON.stringify(printable(config([], { KUBECONFIG: '/secret/place', HOME: '/home/me' })));
    assert.ok(!text.includes('/secret/place') && !text.includes('/home/me'));
  });

  it('is frozen', () => {
    assert.ok(Object.isFrozen(config()));
  });

  it('shows every flag in the help', () => {
    for (const { name } of flags) assert.ok(flagHelp().includes(`--${name} `), name);
  });
});
