/** Where Redis's own things lie inside the pods, and the names of the operator's own users. */

export const volumeDirectory = '/data';
export const dataDirectory = `${volumeDirectory}/redis`;
/** In memory: the server's own configuration file with the passwords, and what the boot script remembers. */
export const stateDirectory = '/run/database-operator';
/** In memory, shared with the exporter. */
export const exporterDirectory = '/run/exporter';

export const port = 6379;

/** Users of the operator's own; the prefix keeps them apart from anybody's. */
export const replicationUser = 'database_operator_replication';
export const monitorUser = 'database_operator_monitor';
/**
 * Nobody can be this user: its key patterns hold what the server can't tell of itself, namely which history its data had
 * before it started (position.ts).
 */
export const positionUser = 'database_operator_position';
/** Nor this one: they hold how full the volume is (engines/volume-use.ts). */
export const volumeUser = 'database_operator_volume';
/** What a member follows that is told to follow nobody: nothing listens there, so it keeps its data and takes no writes. */
export const nobody = '127.0.0.1 1';
