/** my.cnf of MariaDB. */
import type { Database } from '../../api/types.generated.ts';
import { parseQueryTimeout } from '../../values/duration.ts';
import type { OwnedParameter, Sizing } from '../engine.ts';
import { commonSettings, innoDbSizes, optionForm, optionName, renderOptions } from '../my-cnf.ts';
import { own, userParameters } from '../parameters.ts';
import { shortSize } from '../sizes.ts';

export const ownedParameters: readonly OwnedParameter[] = [
  ...own('max_connections', 'use spec.config.maxConnections'),
  ...own('max_statement_time', 'use spec.config.queryTimeout'),
  ...own('port extra_port bind_address skip_networking', 'Services and their port are fixed; remove it'),
  ...own(
    'datadir basedir tmpdir socket pid_file user log_error plugin_dir',
    'where files lie is fixed by the pod; remove it',
  ),
  ...own('ssl_* require_secure_transport tls_version', 'use spec.tls.certificateSecret'),
  ...own('skip_grant_tables init_file init_connect secure_file_priv', 'it would open the server; remove it'),
  ...own(
    'server_id gtid_* log_bin skip_log_bin log_basename read_only report_host report_port relay_log* wsrep_*',
    'replication is set up by the operator: use spec.replicas and spec.replication',
  ),
];

export function renderConfig(database: Database, sizing: Sizing): string {
  const sizes = innoDbSizes(sizing);
  return renderOptions(
    new Map([
      ...commonSettings(database, sizes),
      // One file since 10.5, two before; half of it stays within the share of the volume in both.
      ['innodb_log_file_size', shortSize(sizes.redo / 2)],
      ...timeoutSettings(database),
      ...userParameters({ ownedParameters, parameterName: optionName }, database.spec.config?.parameters, optionForm),
    ]),
  );
}

/** Seconds, with fractions. */
function timeoutSettings(database: Database): [string, string][] {
  const written = database.spec.config?.queryTimeout;
  const parsed = written === undefined ? undefined : parseQueryTimeout(written);
  return parsed?.ok === true ? [['max_statement_time', String(parsed.value / 1000)]] : [];
}
