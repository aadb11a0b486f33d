/** Where the webhook's certificate comes from, and how each is made to renew it now. */
import { setTimeout as delay } from 'node:timers/promises';
import { hostNames, issue } from '../../../src/server/issuer.ts';
import { eventually } from '../cluster.ts';
import { system, type Installation } from './installation.ts';

export interface Mode {
  readonly title: string;
  readonly sets: readonly string[];
  /** Before the first install. */
  readonly prepare?: (installation: Installation) => Promise<void>;
  readonly renewLeaf: (installation: Installation) => Promise<void>;
  readonly renewCa: (installation: Installation) => Promise<void>;
}

/** As cert-manager's own command line does it. */
async function renewCertificate({ cluster }: Installation, name: string): Promise<void> {
  const time = new Date().toISOString();
  const condition = { type: 'Issuing', status: 'True', reason: 'Test', message: 'renewed', lastTransitionTime: time };
  const found = await cluster.get('certificate', system, name);
  const others = ((found?.status?.['conditions'] ?? []) as readonly { readonly type: string }[]).filter(
    ({ type }) => type !== 'Issuing',
  );
  const patch = JSON.stringify({ status: { conditions: [...others, condition] } });
  const before = await secretValue({ cluster }, secretOf[name] ?? '', 'tls.crt');
  await cluster.expectKubectl([
    'patch',
    'certificate',
    name,
    '-n',
    system,
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  ]);
  await eventually(`Certificate ${name} is issued anew`, 60_000, async () => {
    const now = await secretValue({ cluster }, secretOf[name] ?? '', 'tls.crt');
    return now !== undefined && now !== before;
  });
}

const secretOf: Readonly<Record<string, string>> = {
  'database-webhook': 'database-webhook-cert',
  'database-webhook-ca': 'database-webhook-ca',
};
const ownSecret = 'database-webhook-selfsigned';

async function secretValue(
  { cluster }: Pick<Installation, 'cluster'>,
  name: string,
  key: string,
): Promise<string | undefined> {
  return (await cluster.get('secret', system, name))?.data?.[key];
}

const patchOwnSecret = ({ cluster }: Installation, patch: object): Promise<string> =>
  cluster.expectKubectl(['patch', 'secret', ownSecret, '-n', system, '--type=merge', '-p', JSON.stringify(patch)]);

/** A CA that is due (two thirds of its life are over) in so many milliseconds. */
const dueIn = 240_000;
const day = 86_400_000;

async function prepareOldCa({ cluster }: Installation): Promise<void> {
  const hosts = hostNames([`database-webhook.${system}.svc`]);
  const now = Date.now() + dueIn - (day * 2) / 3;
  const { ca, leaf } = await issue({ hosts, now, caDays: 1, leafDays: 90 });
  const stringData = {
    'ca.crt': ca.cert,
    'ca.key': ca.key,
    'tls.crt': leaf.cert,
    'tls.key': leaf.key,
    'previous-ca.crt': '',
  };
  await cluster.kubectl(['create', 'namespace', system]);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: ownSecret, namespace: system }, stringData };
  await cluster.apply(JSON.stringify(secret));
}

export const modes: readonly Mode[] = [
  {
    title: 'helm install with cert-manager',
    sets: [],
    renewLeaf: (installation) => renewCertificate(installation, 'database-webhook'),
    renewCa: async (installation) => {
      await renewCertificate(installation, 'database-webhook-ca');
      await renewCertificate(installation, 'database-webhook');
    },
  },
  {
    title: 'helm install with certificates of its own',
    sets: ['webhook.certManager.enabled=false'],
    prepare: prepareOldCa,
    // Whatever is there and can't be used is made anew.
    renewLeaf: async (installation) => {
      await patchOwnSecret(installation, { data: { 'tls.crt': '' } });
    },
    renewCa: async (installation) => {
      const before = await secretValue(installation, ownSecret, 'ca.crt');
      await eventually('the CA is due and renewed', dueIn + 60_000, async () => {
        // They look once an hour, or when the Secret changes.
        await patchOwnSecret(installation, { metadata: { annotations: { look: new Date().toISOString() } } });
        await delay(2_000);
        return (await secretValue(installation, ownSecret, 'ca.crt')) !== before;
      });
    },
  },
];
