/** Where MongoDB's own things lie inside the pods, and the names of the operator's own users. */

export const volumeDirectory = '/data/db';
export const dataDirectory = `${volumeDirectory}/mongodb`;
/** In memory: the key file and what the boot script remembers. */
export const stateDirectory = '/run/database-operator';
export const port = 27017;

export const superuser = 'root';
export const monitorUser = 'database_operator_monitor';
