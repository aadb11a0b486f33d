import assert from 'node:assert/strict';
import { permissions, policyRules } from './permissions.ts';

const flags = { 'webhook-configuration': 'database-webhook', 'leader-election-name': 'database-operator' };
const all = { scopes: ['watched', 'own', 'cluster'], flags } as const;

describe('permissions', () => {
  it('never hold a wildcard, and no right to hand out rights', () => {
    for (const { apiGroups, resources, verbs } of policyRules({ ...all, selfSigned: true })) {
      assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'));
      assert.ok(!apiGroups.includes('rbac.authorization.k8s.io'));
      for (const verb of ['impersonate', 'escalate', 'bind', 'deletecollection']) assert.ok(!verbs.includes(verb));
    }
  });

  it('confined to namespaces leave out everything that is cluster-wide', () => {
    const confined = policyRules({ scopes: ['watched', 'own'], selfSigned: false, flags });
    const clusterWide = permissions
      .filter(({ resource }) => !resource.namespaced)
      .map(({ resource }) => resource.plural);
    assert.ok(clusterWide.includes('persistentvolumes'));
    for (const plural of clusterWide) assert.ok(!confined.some(({ resources }) => resources.includes(plural)), plural);
    assert.ok(permissions.every(({ scope, resource }) => resource.namespaced === (scope !== 'cluster')));
  });

  it('reach webhook configurations and the shared certificate only for selfsigned, and only by name', () => {
    const names = (selfSigned: boolean) =>
      policyRules({ ...all, selfSigned }).flatMap(({ resourceNames }) => resourceNames ?? []);
    assert.deepEqual(names(false), ['database-operator']);
    assert.deepEqual(names(true), ['database-operator', 'database-webhook-selfsigned', 'database-webhook']);
  });

  it('become one rule for each group and set of verbs', () => {
    const rules = policyRules({ scopes: ['watched'], selfSigned: false, flags });
    const core = rules.filter(({ apiGroups, verbs }) => apiGroups[0] === '' && verbs.includes('create'));
    assert.deepEqual(core.map(({ resources }) => resources).flat(), [
      'serviceaccounts',
      'secrets',
      'configmaps',
      'services',
      'persistentvolumeclaims',
    ]);
    assert.equal(core.length, 1);
  });
});
