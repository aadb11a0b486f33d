/** Where PostgreSQL's own things lie inside the pods. */

export const volumeDirectory = '/var/lib/postgresql/data';
export const dataDirectory = `${volumeDirectory}/pgdata`;
/** Unix socket; only containers that mount it can be the superuser without a password. */
export const socketDirectory = '/var/run/postgresql';
/** Phase of the boot script and the like; gone with the container. */
export const stateDirectory = '/tmp/database-operator';

/** Name of a pod that the operator writes: the boot script turns the standby to it. */
export const followFile = `${stateDirectory}/follow`;
/** Before 12 a standby is promoted by the appearance of this file. */
export const promoteFile = `${stateDirectory}/promote`;
/** Why the standby can't go on by itself, for the operator. */
export const brokenFile = `${stateDirectory}/broken`;
/** The data was a primary's, and it is not yet known whether it fits the new primary's. */
export const ledFile = `${volumeDirectory}/.led`;
/** How full the volume is (engines/volume-use.ts). */
export const volumeFile = `${stateDirectory}/volume`;
/** Setting of the running server: the connection string to another member, with `{pod}` in it. */
export const sourceSetting = 'database_operator.source';

/** Roles of the operator's own; the prefix keeps them apart from anybody's users. */
export const replicationRole = 'database_operator_replication';
export const monitorRole = 'database_operator_monitor';
