/** The status of a MultiTenantDatabase: its tenants one by one, and what that comes to. Pure. */
import type { MultiTenantDatabase, MultiTenantDatabaseStatus, TenantStatus } from '../api/types.generated.ts';
import { conditionsOf, type Verdict } from './conditions.ts';
import { validVerdict } from './user.ts';

export interface TenantsStanding {
  /** Why nothing can be done for any of them; undefined: the rows tell. */
  readonly problem?: { readonly reason: string; readonly message: string };
  readonly invalidFields: readonly string[];
  readonly rows: readonly TenantStatus[];
}

function readyVerdict({ problem, rows }: TenantsStanding): Verdict {
  if (problem !== undefined) return { type: 'Ready', status: 'False', ...problem };
  const waiting = rows.filter(({ phase }) => phase === 'Pending' || phase === 'Failed').map(({ name }) => name);
  if (waiting.length === 0) {
    return {
      type: 'Ready',
      status: 'True',
      reason: 'TenantsReady',
      message: 'every tenant has its database and its Secret',
    };
  }
  const some = waiting.slice(0, 10).join(', ');
  const message = `not ready: ${some}${waiting.length > 10 ? ' and more' : ''}; status.tenants says why`;
  return { type: 'Ready', status: 'False', reason: 'TenantsNotReady', message };
}

function phaseOf(
  { status, reason }: Verdict,
  rows: readonly TenantStatus[],
): NonNullable<MultiTenantDatabaseStatus['phase']> {
  if (status === 'True') return 'Ready';
  return reason === 'Invalid' || rows.some(({ phase }) => phase === 'Failed') ? 'Failed' : 'Pending';
}

export function tenantsStatus(
  object: MultiTenantDatabase,
  standing: TenantsStanding,
  now: Date,
): MultiTenantDatabaseStatus {
  const { generation } = object.metadata;
  const ready = readyVerdict(standing);
  const { rows } = standing;
  return {
    phase: phaseOf(ready, rows),
    ...(generation !== undefined && { observedGeneration: generation }),
    readyTenants: rows.filter(({ phase }) => phase === 'Ready').length,
    tenants: rows,
    conditions: conditionsOf([ready, validVerdict(standing.invalidFields)], object.status?.conditions, now, generation),
  };
}
