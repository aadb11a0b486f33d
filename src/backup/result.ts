/** The result as the kubelet takes it: at most 4096 bytes. */
import type { BackupFailure, BackupResult } from '../api/backup-order.ts';

export const mostBytes = 4096;
const mostFailures = 10;
const mostText = 300;

export function formatResult(result: BackupResult): string {
  const shorter: readonly ((result: BackupResult) => BackupResult)[] = [
    (whole) => whole,
    (whole) => ({
      ...whole,
      ...(whole.message !== undefined && { message: cut(whole.message, 3 * mostText) }),
      ...(whole.failures && { failures: some(whole.failures) }),
      ...(whole.warnings && { warnings: whole.warnings.slice(0, 3).map((text) => cut(text, mostText)) }),
    }),
    (whole) =>
      (whole.manifest === undefined
        ? whole
        : { ...whole, manifest: { ...whole.manifest, spec: undefined } }) as BackupResult,
    (whole) =>
      ({
        ...whole,
        failures: undefined,
        warnings: undefined,
        message: cut(whole.message ?? '', mostText),
      }) as BackupResult,
  ];
  let current = result;
  let text = '';
  for (const step of shorter) {
    current = step(current);
    text = JSON.stringify(current);
    if (Buffer.byteLength(text) <= mostBytes) break;
  }
  return text;
}

function some(failures: readonly BackupFailure[]): readonly BackupFailure[] {
  const shown = failures.slice(0, mostFailures).map(({ kind, what }) => ({ kind, what: cut(what, 200) }));
  const more = failures.length - shown.length;
  const [last] = failures.slice(-1);
  return more > 0 && last !== undefined ? [...shown, { kind: last.kind, what: `and ${more} more` }] : shown;
}

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
