/** The result as the kubelet takes it: at most 4096 bytes. */
import type { BackupFailure, BackupResult } from '../api/backup-order.ts';

export const mostBytes = 4096;
const mostFailures = 10;
const mostText = 300;

export function formatResult(result: BackupResult): string {
  const { failures, warnings, message = '', manifest, ...rest } = result;
  const short = {
    ...(result.message !== undefined && { message: cut(message, 3 * mostText) }),
    ...(failures !== undefined && { failures: some(failures) }),
    ...(warnings !== undefined && { warnings: warnings.slice(0, 3).map((text) => cut(text, mostText)) }),
  };
  const bare = manifest === undefined ? {} : { manifest: { ...manifest, spec: undefined } };
  const forms = [
    result,
    { ...rest, ...short, ...(manifest !== undefined && { manifest }) },
    { ...rest, ...short, ...bare },
    { ...rest, ...bare, message: cut(message, mostText) },
  ];
  const texts = forms.map((form) => JSON.stringify(form));
  return (
    texts.find((text) => Buffer.byteLength(text) <= mostBytes) ??
    JSON.stringify({ ...rest, message: cut(message, mostText) })
  );
}

function some(failures: readonly BackupFailure[]): readonly BackupFailure[] {
  const shown = failures.slice(0, mostFailures).map(({ kind, what }) => ({ kind, what: cut(what, 200) }));
  const more = failures.length - shown.length;
  const [last] = failures.slice(-1);
  return more > 0 && last !== undefined ? [...shown, { kind: last.kind, what: `and ${more} more` }] : shown;
}

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
