/** The operator as a process of its own against the run's control plane, with its webhooks called over TLS. */
import { freePort } from '../../tools/control-plane/process.ts';
import { webhookConfigurations } from '../../tools/webhook-configurations.ts';
import { startOperator, type Operator } from '../operator.ts';
import { controlPlane, expectKubectl, eventually, kubectl } from './harness.ts';

export interface TestOperator extends Operator {
  /** A new process on the same ports, after `kill`. */
  restart(): Promise<void>;
}

/** Registers the webhooks at 127.0.0.1, starts `serve` and waits until an admission request goes through. */
export async function startTestOperator(extra: readonly string[] = [], main = 'src/main.ts'): Promise<TestOperator> {
  const { kubeconfig } = await controlPlane();
  const [port, operationsPort] = [await freePort(), await freePort()];
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  await expectKubectl(apply, webhookConfigurations(`https://127.0.0.1:${port}`));
  const args = ['--agent-image=database-operator:test', ...extra];
  const options = { kubeconfig, host: '127.0.0.1', port, operationsPort, extra: args, main };
  let current = await startOperator(options);
  await eventually(admissionAnswers, 20_000);
  return {
    get pid() {
      return current.pid;
    },
    get readyAfterMs() {
      return current.readyAfterMs;
    },
    log: () => current.log(),
    kill: () => current.kill(),
    restart: async () => {
      current = await startOperator(options);
    },
    stop: async () => {
      await kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'database-webhook']);
      return current.stop();
    },
  };
}

/** A dry-run that our webhook must refuse: the caBundle is in place and the API server has seen it. */
async function admissionAnswers(): Promise<boolean> {
  const probe = {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'probe-primary', namespace: 'default' },
    spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' } },
  };
  const { stderr } = await kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(probe));
  return stderr.includes('metadata.name');
}
