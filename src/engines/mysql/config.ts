/** my.cnf of MySQL. */
import type { Database } from '../../api/types.generated.ts';
import { parseQueryTimeout } from '../../values/duration.ts';
import { compareVersions, parseVersion } from '../../values/version.ts';
import type { OwnedParameter, Sizing } from '../engine.ts';
import { commonSettings, innoDbSizes, optionForm, optionName, renderOptions } from '../my-cnf.ts';
import { own, userParameters } from '../parameters.ts';
import { shortSize } from '../sizes.ts';

export const ownedParameters: readonly OwnedParameter[] = [
  ...own('max_connections', 'use spec.config.maxConnections'),
  ...own('max_execution_time', 'use spec.config.queryTimeout'),
  ...own(
    'port bind_address admin_address admin_port mysqlx_* skip_networking',
    'Services and their port are fixed; remove it',
  ),
  ...own(
    'datadir basedir tmpdir socket pid_file user log_error plugin_dir',
    'where files lie is fixed by the pod; remove it',
  ),
  ...own('ssl_* require_secure_transport tls_version', 'use spec.tls.certificateSecret'),
  ...own('skip_grant_tables init_file init_connect secure_file_priv', 'it would open the server; remove it'),
  ...own(
    'server_id gtid_mode enforce_gtid_consistency log_bin skip_log_bin read_only super_read_only report_host report_port relay_log*',
    'replication is set up by the operator: use spec.replicas and spec.replication',
  ),
];

/** From here on the redo log has one size instead of two files'. */
const redoCapacitySince = { components: [8, 0, 30] };

export function renderConfig(database: Database, sizing: Sizing): string {
  const sizes = innoDbSizes(sizing);
  return renderOptions(
    new Map([
      ...commonSettings(database, sizes),
      ...redoSettings(database.spec.version, sizes.redo),
      ...timeoutSettings(database),
      ...userParameters({ ownedParameters, parameterName: optionName }, database.spec.config?.parameters, optionForm),
    ]),
  );
}

function redoSettings(version: string | undefined, redo: number): [string, string][] {
  const parsed = parseVersion(version ?? '') ?? redoCapacitySince;
  // A version without a patch number is the newest of its line: 8.0 is past 8.0.30.
  const whole = { components: [...parsed.components, ...[Infinity, Infinity].slice(0, 3 - parsed.components.length)] };
  const single = compareVersions(whole, redoCapacitySince) >= 0;
  return single ? [['innodb_redo_log_capacity', shortSize(redo)]] : [['innodb_log_file_size', shortSize(redo / 2)]];
}

/** Milliseconds; the server applies it to SELECT only. */
function timeoutSettings(database: Database): [string, string][] {
  const written = database.spec.config?.queryTimeout;
  const parsed = written === undefined ? undefined : parseQueryTimeout(written);
  return parsed?.ok === true ? [['max_execution_time', String(parsed.value)]] : [];
}
