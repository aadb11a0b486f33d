/** Where the own things of MySQL and MariaDB lie inside the pods, and the accounts that are the operator's. */

export const port = 3306;

export const volumeDirectory = '/var/lib/mysql';
export const dataDirectory = `${volumeDirectory}/data`;
/** In memory: beside the socket it holds an option file with the superuser's password. */
export const socketDirectory = '/run/mysqld';
export const socketFile = `${socketDirectory}/mysqld.sock`;
/** Phase of the boot script and the like; gone with the container. */
export const stateDirectory = `${socketDirectory}/database-operator`;

/** The only directory from which statements may read files; nobody may write to it. */
export const filesDirectory = `${stateDirectory}/files`;
/** How full the volume is (engines/volume-use.ts). */
export const volumeFile = `${filesDirectory}/volume`;

/** The prefix keeps them apart from anybody's users. At most 32 characters. */
export const replicationUser = 'database_operator_replication';
export const monitorUser = 'database_operator_monitor';

/** In `<name>-scripts`: `sync` or `async`. A running server takes a change over. */
export const modeFile = 'replication-mode';
