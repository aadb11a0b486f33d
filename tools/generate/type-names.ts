/** Names of the interfaces: by path where the code base speaks of them, else made of kind and path. */

/** Without the kind, for shapes that several kinds share; with it, where a name would be too long or too vague. */
const names: Readonly<Record<string, string>> = {
  'Database.spec': 'DatabaseSpec',
  'Database.spec.storage': 'StorageSpec',
  'Database.spec.storage.autoGrow': 'AutoGrowSpec',
  'Database.spec.backup': 'BackupSpec',
  'Database.spec.monitoring': 'MonitoringSpec',
  'Database.spec.config': 'ConfigSpec',
  'Database.spec.replication': 'ReplicationSpec',
  'Database.spec.maintenanceWindow': 'MaintenanceWindowSpec',
  'Database.spec.networkPolicy': 'NetworkPolicySpec',
  'Database.spec.networkPolicy.clients[]': 'NetworkPolicyClient',
  'Database.spec.tls': 'TlsSpec',
  'Database.spec.bootstrap': 'BootstrapSpec',
  'Database.spec.bootstrap.recovery': 'RecoverySpec',
  'Database.spec.bootstrap.recovery.backupRef': 'BackupReference',
  'Database.spec.bootstrap.recovery.s3': 'RecoveryS3',
  'Database.spec.bootstrap.recovery.passwordSecret': 'RecoveryPasswordSecret',
  'Database.status.endpoints': 'Endpoints',
  'Database.status.recovery': 'RecoveryStatus',
  'Database.status.members[]': 'MemberStatus',
  'Database.status.storage': 'StorageStatus',
  'Database.status.backupStatus': 'BackupTimes',
  'Database.status.diagnosis[]': 'Diagnosis',
  'DatabaseUser.spec.privileges[]': 'Privilege',
  'DatabaseUser.spec.passwordSecret': 'PasswordSecretSpec',
  'DatabaseUser.spec.rotation': 'RotationSpec',
  'DatabaseBackup.spec.verify': 'VerifySpec',
  'DatabaseBackup.spec.verify.assertions[]': 'VerifyAssertion',
  'DatabaseBackup.spec.verify.storage': 'VerifyStorage',
  'DatabaseMonitor.spec.thresholds': 'MonitorThresholds',
  'MultiTenantDatabase.spec.tenants[]': 'Tenant',
  'MultiTenantDatabase.spec.tenants[].config': 'TenantConfig',
  'MultiTenantDatabase.status.tenants[]': 'TenantStatus',
  'RedisCluster.spec.storage': 'RedisClusterStorageSpec',
  'RedisCluster.status.clusterInfo': 'RedisClusterInfo',
};

/** By the end of the path: shapes of Kubernetes' own and those that several kinds share. */
const shared: readonly (readonly [suffix: string, name: string])[] = [
  ['.podTemplate', 'PodTemplateSpec'],
  ['.podTemplate.affinity', 'Affinity'],
  ['.podTemplate.tolerations[]', 'Toleration'],
  ['.podTemplate.topologySpreadConstraints[]', 'TopologySpreadConstraint'],
  ['.podTemplate.imagePullSecrets[]', 'LocalObjectReference'],
  ['.podTemplate.env[]', 'EnvVar'],
  ['.affinity.nodeAffinity', 'NodeAffinity'],
  ['.affinity.podAffinity', 'PodAffinity'],
  ['.affinity.podAntiAffinity', 'PodAffinity'],
  ['.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution', 'NodeSelector'],
  ['.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[]', 'PreferredSchedulingTerm'],
  ['.nodeSelectorTerms[]', 'NodeSelectorTerm'],
  ['.preference', 'NodeSelectorTerm'],
  ['Affinity.requiredDuringSchedulingIgnoredDuringExecution[]', 'PodAffinityTerm'],
  ['Affinity.preferredDuringSchedulingIgnoredDuringExecution[]', 'WeightedPodAffinityTerm'],
  ['.podAffinityTerm', 'PodAffinityTerm'],
  ['.labelSelector', 'LabelSelector'],
  ['.namespaceSelector', 'LabelSelector'],
  ['.podSelector', 'LabelSelector'],
  ['Selector.matchExpressions[]', 'LabelSelectorRequirement'],
  ['.matchExpressions[]', 'NodeSelectorRequirement'],
  ['.matchFields[]', 'NodeSelectorRequirement'],
  ['.resources', 'ResourceRequirements'],
  ['.destination', 'BackupDestination'],
  ['.destination.s3', 'S3Destination'],
  ['.destination.pvc', 'PvcDestination'],
  ['.databaseRef', 'DatabaseReference'],
];

/** `path` is `Kind.spec.a.b`, with `[]` for items and `{}` for values of maps. */
export function typeName(path: string): string {
  const named = names[path] ?? shared.find(([suffix]) => path.endsWith(suffix))?.[1];
  if (named !== undefined) return named;
  return path
    .replaceAll(/\[\]|\{\}/g, 'Item')
    .split('.')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
}
