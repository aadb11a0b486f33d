/** The table of rules: one row each, in the order of their ids. A new rule is one file and one row here. */
import type { Rule } from '../rule.ts';
import { affinity } from './database/affinity.ts';
import { alertingWithoutMonitoring } from './database/alerting-without-monitoring.ts';
import { backupBucket } from './database/backup-bucket.ts';
import { backupClaimClass } from './database/backup-claim-class.ts';
import { backupClaimShrink } from './database/backup-claim-shrink.ts';
import { backupClaimSize } from './database/backup-claim-size.ts';
import { backupClaimSmall } from './database/backup-claim-small.ts';
import { backupCredentials } from './database/backup-credentials.ts';
import { backupDestination } from './database/backup-destination.ts';
import { backupDisabledSettings } from './database/backup-disabled-settings.ts';
import { backupEndpointRisk } from './database/backup-endpoint-risk.ts';
import { backupEndpoint } from './database/backup-endpoint.ts';
import { backupNeverFires } from './database/backup-never-fires.ts';
import { backupNone } from './database/backup-none.ts';
import { backupPointInTime } from './database/backup-point-in-time.ts';
import { backupPrefix } from './database/backup-prefix.ts';
import { backupRetentionShort } from './database/backup-retention-short.ts';
import { backupRetention } from './database/backup-retention.ts';
import { backupSchedule } from './database/backup-schedule.ts';
import { backupTimeZone } from './database/backup-time-zone.ts';
import { backupTooOften } from './database/backup-too-often.ts';
import { bootstrapLate } from './database/bootstrap-late.ts';
import { changePolicySingle } from './database/change-policy-single.ts';
import { changePolicy } from './database/change-policy.ts';
import { connectionsMemory } from './database/connections-memory.ts';
import { databaseNameForm } from './database/database-name-form.ts';
import { databaseNameImmutable } from './database/database-name-immutable.ts';
import { databaseNameReserved } from './database/database-name-reserved.ts';
import { deleteAfterBackup } from './database/delete-after-backup.ts';
import { deleteDependents } from './database/delete-dependents.ts';
import { deleteKeepsData } from './database/delete-keeps-data.ts';
import { deleteLosesData } from './database/delete-loses-data.ts';
import { deletionProtection } from './database/deletion-protection.ts';
import { engineImmutable } from './database/engine-immutable.ts';
import { engineInferred } from './database/engine-inferred.ts';
import { engineKnown } from './database/engine-known.ts';
import { engineSpellingsAgree } from './database/engine-spellings-agree.ts';
import { environmentSecrets } from './database/environment-secrets.ts';
import { environment } from './database/environment.ts';
import { gracePeriod } from './database/grace-period.ts';
import { hibernateWarning } from './database/hibernate-warning.ts';
import { imageAgrees } from './database/image-agrees.ts';
import { imageMoves } from './database/image-moves.ts';
import { imageReference } from './database/image-reference.ts';
import { imageUnknown } from './database/image-unknown.ts';
import { databaseMemoryFloor } from './database/memory-floor.ts';
import { databaseMemoryUnlimited } from './database/memory-unlimited.ts';
import { monitoringIntervalLong } from './database/monitoring-interval-long.ts';
import { monitoringInterval } from './database/monitoring-interval.ts';
import { monitoringTwice } from './database/monitoring-twice.ts';
import { nameClash } from './database/name-clash.ts';
import { nameForm } from './database/name-form.ts';
import { nameReserved } from './database/name-reserved.ts';
import { networkClientsIgnored } from './database/network-clients-ignored.ts';
import { networkClients } from './database/network-clients.ts';
import { networkOpen } from './database/network-open.ts';
import { nodeSelector } from './database/node-selector.ts';
import { parameterMemory } from './database/parameter-memory.ts';
import { parameterName } from './database/parameter-name.ts';
import { parameterOwned } from './database/parameter-owned.ts';
import { parameterText } from './database/parameter-text.ts';
import { parameterTwice } from './database/parameter-twice.ts';
import { parameterValue } from './database/parameter-value.ts';
import { podAnnotations } from './database/pod-annotations.ts';
import { podLabelsReserved } from './database/pod-labels-reserved.ts';
import { podLabels } from './database/pod-labels.ts';
import { queryTimeout } from './database/query-timeout.ts';
import { recoveryBackup } from './database/recovery-backup.ts';
import { recoveryMatch } from './database/recovery-match.ts';
import { recoveryMoment } from './database/recovery-moment.ts';
import { recoverySource } from './database/recovery-source.ts';
import { recoveryTime } from './database/recovery-time.ts';
import { replicasEven } from './database/replicas-even.ts';
import { replicasRange } from './database/replicas-range.ts';
import { replicationSyncLimit } from './database/replication-sync-limit.ts';
import { replicationSyncPair } from './database/replication-sync-pair.ts';
import { replicationSync } from './database/replication-sync.ts';
import { databaseResourceNames } from './database/resource-names.ts';
import { databaseResourceQuantities } from './database/resource-quantities.ts';
import { databaseResourceRequests } from './database/resource-requests.ts';
import { databaseResourceSlips } from './database/resource-slips.ts';
import { databaseResourceWhole } from './database/resource-whole.ts';
import { snapshotNowhere } from './database/snapshot-nowhere.ts';
import { topologySpread } from './database/spread.ts';
import { storageAutoGrow } from './database/storage-auto-grow.ts';
import { storageAutoGrowClass } from './database/storage-auto-grow-class.ts';
import { storageClassExists } from './database/storage-class-exists.ts';
import { storageClassExpands } from './database/storage-class-expands.ts';
import { storageClassImmutable } from './database/storage-class-immutable.ts';
import { storageShrink } from './database/storage-shrink.ts';
import { storageSize } from './database/storage-size.ts';
import { storageSmall } from './database/storage-small.ts';
import { storageSpellingsAgree } from './database/storage-spellings-agree.ts';
import { tlsSecret } from './database/tls-secret.ts';
import { tolerations } from './database/tolerations.ts';
import { usernameForm } from './database/username-form.ts';
import { usernameImmutable } from './database/username-immutable.ts';
import { usernameReserved } from './database/username-reserved.ts';
import { versionDowngrade } from './database/version-downgrade.ts';
import { versionEndOfLife } from './database/version-end-of-life.ts';
import { versionExists } from './database/version-exists.ts';
import { versionMajorChange } from './database/version-major-change.ts';
import { versionRequired } from './database/version-required.ts';
import { windowDuration } from './database/window-duration.ts';
import { windowSchedule } from './database/window-schedule.ts';
import { windowTimeZone } from './database/window-time-zone.ts';
import { scheduledBackupBucket } from './databasebackup/bucket.ts';
import { scheduledBackupClaimSize } from './databasebackup/claim-size.ts';
import { scheduledBackupCredentials } from './databasebackup/credentials.ts';
import { scheduledBackupDestination } from './databasebackup/destination.ts';
import { scheduledBackupEndpointRisk } from './databasebackup/endpoint-risk.ts';
import { scheduledBackupEndpoint } from './databasebackup/endpoint.ts';
import { databaseBackupNameForm } from './databasebackup/name-form.ts';
import { scheduledBackupNeverFires } from './databasebackup/never-fires.ts';
import { scheduledBackupOnceOrSchedule } from './databasebackup/once-or-schedule.ts';
import { scheduledBackupPrefix } from './databasebackup/prefix.ts';
import { databaseBackupReferenceConsent } from './databasebackup/reference-consent.ts';
import { databaseBackupReferenceExists } from './databasebackup/reference-exists.ts';
import { databaseBackupReferenceImmutable } from './databasebackup/reference-immutable.ts';
import { scheduledBackupRetentionShort } from './databasebackup/retention-short.ts';
import { scheduledBackupRetention } from './databasebackup/retention.ts';
import { scheduledBackupSchedule } from './databasebackup/schedule.ts';
import { scheduledBackupTimeZoneAlone } from './databasebackup/time-zone-alone.ts';
import { scheduledBackupTimeZone } from './databasebackup/time-zone.ts';
import { scheduledBackupTooOften } from './databasebackup/too-often.ts';
import { scheduledBackupVerifyDisabled } from './databasebackup/verify-disabled.ts';
import { scheduledBackupVerifySchedule } from './databasebackup/verify-schedule.ts';
import { monitorIntervalLong } from './databasemonitor/interval-long.ts';
import { monitorInterval } from './databasemonitor/interval.ts';
import { databaseMonitorNameForm } from './databasemonitor/name-form.ts';
import { databaseMonitorReferenceConsent } from './databasemonitor/reference-consent.ts';
import { databaseMonitorReferenceExists } from './databasemonitor/reference-exists.ts';
import { databaseMonitorReferenceImmutable } from './databasemonitor/reference-immutable.ts';
import { monitorThresholds } from './databasemonitor/thresholds-duration.ts';
import { monitorThresholdsLate } from './databasemonitor/thresholds-late.ts';
import { monitorThresholdsUnused } from './databasemonitor/thresholds-unused.ts';
import { monitorTwice } from './databasemonitor/twice.ts';
import { expiryBeforeRotation } from './databaseuser/expiry-before-rotation.ts';
import { expiry } from './databaseuser/expiry.ts';
import { databaseUserNameForm } from './databaseuser/name-form.ts';
import { passwordSecret } from './databaseuser/password-secret.ts';
import { privilegeAccess } from './databaseuser/privilege-access.ts';
import { privilegeAdmin } from './databaseuser/privilege-admin.ts';
import { privilegeOfEngine } from './databaseuser/privilege-engine.ts';
import { privilegeGrammar } from './databaseuser/privilege-form.ts';
import { privilegeNone } from './databaseuser/privilege-none.ts';
import { privilegeCleanText } from './databaseuser/privilege-text.ts';
import { privilegeOnce } from './databaseuser/privilege-twice.ts';
import { databaseUserReferenceConsent } from './databaseuser/reference-consent.ts';
import { databaseUserReferenceExists } from './databaseuser/reference-exists.ts';
import { databaseUserReferenceImmutable } from './databaseuser/reference-immutable.ts';
import { rotationInterval } from './databaseuser/rotation-interval.ts';
import { rotationOwner } from './databaseuser/rotation-owner.ts';
import { secretNamespacesConsent } from './databaseuser/secret-namespaces-consent.ts';
import { secretNamespacesOwn } from './databaseuser/secret-namespaces-own.ts';
import { databaseUserUsernameForm } from './databaseuser/username-form.ts';
import { databaseUserUsernameImmutable } from './databaseuser/username-immutable.ts';
import { databaseUserUsernameOwner } from './databaseuser/username-owner.ts';
import { databaseUserUsernameReserved } from './databaseuser/username-reserved.ts';
import { multiTenantDatabaseNameForm } from './multitenantdatabase/name-form.ts';
import { multiTenantDatabaseReferenceConsent } from './multitenantdatabase/reference-consent.ts';
import { multiTenantDatabaseReferenceExists } from './multitenantdatabase/reference-exists.ts';
import { multiTenantDatabaseReferenceImmutable } from './multitenantdatabase/reference-immutable.ts';
import { tenantsConnections } from './multitenantdatabase/tenants-connections.ts';
import { tenantsConsent } from './multitenantdatabase/tenants-consent.ts';
import { tenantNames } from './multitenantdatabase/tenants-names.ts';
import { tenantsOnce } from './multitenantdatabase/tenants-once.ts';
import { tenantsQuota } from './multitenantdatabase/tenants-quota.ts';
import { tenantsRemoved } from './multitenantdatabase/tenants-removed.ts';
import { tenantsTimeout } from './multitenantdatabase/tenants-timeout.ts';
import { redisClusterConfigOwned } from './rediscluster/config-owned.ts';
import { redisClusterConfigText } from './rediscluster/config-text.ts';
import { redisClusterConfigValue } from './rediscluster/config-value.ts';
import { redisClusterDeletionProtection } from './rediscluster/deletion-protection.ts';
import { redisClusterImage } from './rediscluster/image.ts';
import { redisClusterNameClash } from './rediscluster/name-clash.ts';
import { redisClusterNameForm } from './rediscluster/name-form.ts';
import { redisClusterNodesEven } from './rediscluster/nodes-even.ts';
import { redisClusterNodes } from './rediscluster/nodes.ts';
import { redisClusterNotRun } from './rediscluster/not-run.ts';
import { redisClusterPods } from './rediscluster/pods.ts';
import { redisClusterReplicas } from './rediscluster/replicas.ts';
import { redisClusterResources } from './rediscluster/resources.ts';
import { redisClusterStorageClassExists } from './rediscluster/storage-class-exists.ts';
import { redisClusterStorageClass } from './rediscluster/storage-class.ts';
import { redisClusterStorageShrink } from './rediscluster/storage-shrink.ts';
import { redisClusterStorageSize } from './rediscluster/storage-size.ts';

export const rules: readonly Rule[] = [
  engineKnown,
  engineSpellingsAgree,
  engineImmutable,
  engineInferred,
  versionRequired,
  versionExists,
  versionEndOfLife,
  versionDowngrade,
  versionMajorChange,
  imageReference,
  imageAgrees,
  imageMoves,
  imageUnknown,
  replicasRange,
  replicasEven,
  replicationSync,
  replicationSyncLimit,
  replicationSyncPair,
  changePolicySingle,
  changePolicy,
  storageSize,
  storageSmall,
  storageShrink,
  storageSpellingsAgree,
  storageClassImmutable,
  storageClassExists,
  storageClassExpands,
  storageAutoGrow,
  storageAutoGrowClass,
  nameForm,
  nameReserved,
  nameClash,
  databaseNameForm,
  databaseNameReserved,
  usernameForm,
  usernameReserved,
  databaseNameImmutable,
  usernameImmutable,
  backupSchedule,
  backupNeverFires,
  backupTooOften,
  backupTimeZone,
  backupRetention,
  backupRetentionShort,
  backupDestination,
  backupBucket,
  backupEndpoint,
  backupEndpointRisk,
  backupPrefix,
  backupCredentials,
  backupClaimSize,
  backupClaimSmall,
  backupClaimClass,
  backupClaimShrink,
  backupPointInTime,
  backupNone,
  backupDisabledSettings,
  monitoringInterval,
  monitoringIntervalLong,
  alertingWithoutMonitoring,
  monitoringTwice,
  parameterOwned,
  parameterName,
  parameterText,
  parameterValue,
  parameterTwice,
  parameterMemory,
  connectionsMemory,
  queryTimeout,
  databaseResourceQuantities,
  databaseResourceNames,
  databaseResourceRequests,
  databaseResourceWhole,
  databaseResourceSlips,
  databaseMemoryFloor,
  databaseMemoryUnlimited,
  deletionProtection,
  deleteLosesData,
  deleteKeepsData,
  deleteDependents,
  snapshotNowhere,
  hibernateWarning,
  deleteAfterBackup,
  podLabels,
  podLabelsReserved,
  podAnnotations,
  nodeSelector,
  tolerations,
  affinity,
  topologySpread,
  environment,
  environmentSecrets,
  gracePeriod,
  networkClients,
  networkOpen,
  networkClientsIgnored,
  tlsSecret,
  windowSchedule,
  windowTimeZone,
  windowDuration,
  recoverySource,
  recoveryTime,
  bootstrapLate,
  recoveryMoment,
  recoveryBackup,
  recoveryMatch,
  databaseUserNameForm,
  databaseUserReferenceExists,
  databaseUserReferenceConsent,
  databaseUserReferenceImmutable,
  databaseUserUsernameForm,
  databaseUserUsernameReserved,
  databaseUserUsernameImmutable,
  databaseUserUsernameOwner,
  privilegeGrammar,
  privilegeOfEngine,
  privilegeCleanText,
  privilegeOnce,
  privilegeNone,
  privilegeAdmin,
  privilegeAccess,
  passwordSecret,
  rotationOwner,
  rotationInterval,
  expiry,
  expiryBeforeRotation,
  secretNamespacesConsent,
  secretNamespacesOwn,
  databaseBackupNameForm,
  databaseBackupReferenceExists,
  databaseBackupReferenceConsent,
  databaseBackupReferenceImmutable,
  scheduledBackupSchedule,
  scheduledBackupNeverFires,
  scheduledBackupTooOften,
  scheduledBackupTimeZone,
  scheduledBackupTimeZoneAlone,
  scheduledBackupRetention,
  scheduledBackupRetentionShort,
  scheduledBackupDestination,
  scheduledBackupBucket,
  scheduledBackupEndpoint,
  scheduledBackupEndpointRisk,
  scheduledBackupPrefix,
  scheduledBackupCredentials,
  scheduledBackupClaimSize,
  scheduledBackupOnceOrSchedule,
  scheduledBackupVerifySchedule,
  scheduledBackupVerifyDisabled,
  databaseMonitorNameForm,
  databaseMonitorReferenceExists,
  databaseMonitorReferenceConsent,
  databaseMonitorReferenceImmutable,
  monitorInterval,
  monitorIntervalLong,
  monitorThresholds,
  monitorThresholdsUnused,
  monitorThresholdsLate,
  monitorTwice,
  multiTenantDatabaseNameForm,
  multiTenantDatabaseReferenceExists,
  multiTenantDatabaseReferenceConsent,
  multiTenantDatabaseReferenceImmutable,
  tenantsOnce,
  tenantNames,
  tenantsConsent,
  tenantsTimeout,
  tenantsQuota,
  tenantsConnections,
  tenantsRemoved,
  redisClusterNotRun,
  redisClusterNameForm,
  redisClusterNodes,
  redisClusterReplicas,
  redisClusterNodesEven,
  redisClusterNameClash,
  redisClusterImage,
  redisClusterStorageSize,
  redisClusterStorageShrink,
  redisClusterStorageClass,
  redisClusterStorageClassExists,
  redisClusterConfigOwned,
  redisClusterConfigText,
  redisClusterConfigValue,
  redisClusterResources,
  redisClusterPods,
  redisClusterDeletionProtection,
];
