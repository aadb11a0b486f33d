/**
 * What is known about PostgreSQL's own settings. Which need a restart comes from the servers themselves
 * (`postgres --describe-config` of 15 and 17, context `postmaster`) and, for the other releases, from their manuals.
 */
import type { OwnedParameter, ParameterChange } from '../engine.ts';

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Context `postmaster` in any of the releases 10 to 18, and settings of common preloaded extensions. */
const restart: ReadonlySet<string> = new Set(
  words(`
    archive_mode autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age
    autovacuum_worker_slots bonjour bonjour_name cluster_name commit_timestamp_buffers config_file data_directory
    data_sync_retry debug_io_direct dynamic_shared_memory_type event_source external_pid_file hba_file hot_standby
    huge_page_size huge_pages ident_file io_max_combine_limit io_max_concurrency io_method jit_provider listen_addresses
    logging_collector max_active_replication_origins max_connections max_files_per_process max_locks_per_transaction
    max_logical_replication_workers max_notify_queue_pages max_pred_locks_per_transaction max_prepared_transactions
    max_replication_slots max_wal_senders max_worker_processes min_dynamic_shared_memory multixact_member_buffers
    multixact_offset_buffers notify_buffers old_snapshot_threshold port recovery_target recovery_target_action
    recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline
    recovery_target_xid reserved_connections serializable_buffers shared_buffers shared_memory_type
    shared_preload_libraries subtransaction_buffers superuser_reserved_connections track_activity_query_size
    track_commit_timestamp transaction_buffers unix_socket_directories unix_socket_group unix_socket_permissions
    wal_buffers wal_decode_buffer_size wal_level wal_log_hints
    pg_stat_statements.max cron.database_name cron.host cron.max_running_jobs cron.use_background_workers
    timescaledb.max_background_workers pg_prewarm.autoprewarm`),
);

/** Names are compared without regard to case, as the server does. */
export const parameterChange = (name: string): ParameterChange => ({
  needs: restart.has(name.toLowerCase()) ? 'restart' : 'reload',
});

const own = (names: string, instead: string): OwnedParameter[] => words(names).map((name) => ({ name, instead }));

/** Settings that the operator sets itself, each with what to use instead. */
export const ownedParameters: readonly OwnedParameter[] = [
  ...own('max_connections', 'use spec.config.maxConnections'),
  ...own('statement_timeout', 'use spec.config.queryTimeout'),
  ...own('synchronous_standby_names', 'use spec.replication.mode'),
  ...own('port listen_addresses', 'Services and their port are fixed; remove it'),
  ...own(
    'unix_socket_directories unix_socket_group unix_socket_permissions bonjour bonjour_name',
    'the server is reached through its Services; remove it',
  ),
  ...own(
    'data_directory config_file external_pid_file stats_temp_directory',
    'where files lie is fixed by the pod; remove it',
  ),
  ...own('hba_file ident_file', 'who may connect is set by spec.networkPolicy.clients and DatabaseUser objects'),
  ...own(
    `ssl ssl_cert_file ssl_key_file ssl_ca_file ssl_crl_file ssl_crl_dir ssl_dh_params_file ssl_passphrase_command
     ssl_passphrase_command_supports_reload`,
    'use spec.tls.certificateSecret',
  ),
  ...own('password_encryption', 'passwords are always stored as scram-sha-256; remove it'),
  ...own(
    'primary_conninfo primary_slot_name promote_trigger_file hot_standby cluster_name allow_alter_system',
    'replication is set up by the operator: use spec.replicas and spec.replication',
  ),
  ...own('archive_mode archive_command archive_library archive_timeout archive_cleanup_command', 'use spec.backup'),
  ...own(
    `restore_command recovery_end_command recovery_target recovery_target_action recovery_target_inclusive
     recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid`,
    'use spec.bootstrap.recovery',
  ),
  ...own(
    'log_destination logging_collector log_directory log_filename log_file_mode event_source',
    'the log goes to the container: read it with kubectl logs',
  ),
  ...own('include include_dir include_if_exists', 'put each setting into spec.config.parameters'),
];

const owned: ReadonlySet<string> = new Set(ownedParameters.map(({ name }) => name));

/** True when the operator sets it and a user may not. */
export const isOwned = (name: string): boolean => owned.has(name.toLowerCase());
