/** Where PostgreSQL's own things lie inside the pods. */

export const volumeDirectory = '/var/lib/postgresql/data';
export const dataDirectory = `${volumeDirectory}/pgdata`;
/** Unix socket; only containers that mount it can be the superuser without a password. */
export const socketDirectory = '/var/run/postgresql';
/** Where the standby's source is written; the last line of postgresql.conf includes it. */
export const followFile = `${socketDirectory}/follow.conf`;
/** Phase of the boot script and the like; gone with the container. */
export const stateDirectory = '/tmp/database-operator';

/** Roles of the operator's own; the prefix keeps them apart from anybody's users. */
export const replicationRole = 'database_operator_replication';
export const monitorRole = 'database_operator_monitor';
