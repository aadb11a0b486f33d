/** The embedded control plane itself: what the other suites take for granted. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../tools/control-plane/certificates.ts';
import { applyYaml, controlPlane, eventually, expectKubectl, kubectl, uniqueNamespace } from './harness.ts';

describe('the embedded control plane', () => {
  it('serves the pinned Kubernetes', async () => {
    const { serverVersion } = JSON.parse(await expectKubectl(['version', '-o', 'json'])) as {
      serverVersion: { gitVersion: string };
    };
    assert.match(serverVersion.gitVersion, /^v1\.\d+\.\d+/);
  });

  it('enforces RBAC for users made with kubeconfigFor', async () => {
    const alice = await (await controlPlane()).kubeconfigFor('alice', 'developers');
    const { code, stderr } = await kubectl(['--kubeconfig', alice, 'get', 'secrets', '-n', 'default']);
    assert.equal(code, 1);
    assert.match(stderr, /User "alice" cannot list resource "secrets"/);
  });

  it('hands out tokens of ServiceAccounts', async () => {
    const namespace = await uniqueNamespace('token');
    await expectKubectl(['create', 'serviceaccount', 'robot', '-n', namespace]);
    const file = await (await controlPlane()).serviceAccountKubeconfig(namespace, 'robot');
    const whoami = await expectKubectl(['--kubeconfig', file, 'auth', 'whoami', '-o', 'json']);
    assert.match(whoami, new RegExp(`system:serviceaccount:${namespace}:robot`));
  });

  it('runs the controllers: a deleted owner takes its children along', async () => {
    const namespace = await uniqueNamespace('garbage');
    await expectKubectl(['create', 'configmap', 'owner', '-n', namespace]);
    const uid = await expectKubectl(['get', 'configmap', 'owner', '-n', namespace, '-o', 'jsonpath={.metadata.uid}']);
    const child = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'child', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }] },
    };
    const { code, stderr } = await applyYaml(JSON.stringify(child), namespace);
    assert.equal(code, 0, stderr);
    await expectKubectl(['delete', 'configmap', 'owner', '-n', namespace]);
    await eventually(async () => (await kubectl(['get', 'configmap', 'child', '-n', namespace])).code !== 0);
  });

  it('calls webhooks on 127.0.0.1 and shows their refusal', async () => {
    const namespace = await uniqueNamespace('hooked');
    const authority = await createAuthority('webhook-ca');
    const { certificate, key } = await authority.serving(['127.0.0.1']);
    const server = createServer({ cert: certificate, key }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
        const answer = { uid: review.request.uid, allowed: false, status: { message: 'not today' } };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const configuration = refuseConfigMaps(
      namespace,
      `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      authority.certificate,
    );
    try {
      assert.equal((await applyYaml(JSON.stringify(configuration))).code, 0);
      const refusal = await eventually(async () => {
        const { stderr } = await kubectl(['create', 'configmap', 'any', '-n', namespace, '--dry-run=server']);
        return stderr.includes('denied the request') ? stderr : undefined;
      });
      assert.match(refusal, /not today/);
    } finally {
      await expectKubectl(['delete', 'validatingwebhookconfiguration', 'control-plane-test']);
      server.close();
      server.closeAllConnections();
    }
  });

  it('records who asked for what in the audit log', async () => {
    const namespace = await uniqueNamespace('audited');
    const plane = await controlPlane();
    await eventually(async () => {
      const events = await plane.auditEvents();
      const created = events.find((event) => event.verb === 'create' && event.objectRef?.name === namespace);
      return created?.userAgent.startsWith('kubectl/') === true && created.responseStatus?.code === 201;
    });
  });

  it('comes back after an outage with the same address and data', async () => {
    const namespace = await uniqueNamespace('outage');
    const plane = await controlPlane();
    await plane.stopApiServer();
    assert.notEqual((await kubectl(['get', 'namespace', namespace, '--request-timeout=2s'])).code, 0);
    await plane.startApiServer();
    assert.equal((await kubectl(['get', 'namespace', namespace])).code, 0);
  });
});

function refuseConfigMaps(namespace: string, url: string, ca: string): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'control-plane-test' },
    webhooks: [
      {
        name: 'refuse.control-plane.test',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
    ],
  };
}
