/** Where desired/pod-template.ts mounts what every engine's pod gets; scripts and configuration files rely on it. */

/** `<name>-scripts`. */
export const scriptsDirectory = '/opt/database-operator';
/** `<name>-topology`: files `primary`, `term`, `members`, `initialized`. */
export const topologyDirectory = '/opt/topology';
/** `<name>-config`. */
export const configDirectory = '/etc/database-operator/config';
/** `<name>-internal`: one file per password. */
export const credentialsDirectory = '/etc/database-operator/credentials';
/** The Secret of spec.tls: `tls.crt`, `tls.key`. */
export const tlsDirectory = '/etc/database-operator/tls';
/** The volume of backups, in backup pods only. */
export const backupDirectory = '/backup';
