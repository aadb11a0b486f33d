/** `status` as a person reads it: one screen, pure. */
import { isTrue } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import type { Database } from '../../api/types.generated.ts';
import { engineByName } from '../../engines/index.ts';
import { eventTime, eventWords } from '../events.ts';
import { columns, duration, wrap, type Style, type Tone } from '../style.ts';
import { backupLines, storageWords, userRows } from './parts.ts';
import type { StatusState } from './state.ts';
import { troubles, underWay, type Trouble } from './trouble.ts';

export interface ViewOptions {
  readonly now: Date;
  readonly style: Style;
  /** Columns that lines may take. */
  readonly width: number;
}

export function view(state: StatusState, options: ViewOptions): string {
  const { database, unread } = state;
  const { now, style, width } = options;
  const found = troubles(state, now);
  const doing = underWay(database);
  const sections = [
    [headline(database, options)],
    ...(doing === undefined ? [] : [wrap(doing, width, 'Now: ')]),
    memberLines(state, style),
    columns(factRows(database), style),
    titled('Backups', backupLines(state, now, style), style),
    titled('Users', columns(userRows(state), style), style),
    titled('Warnings of the last hour', recentWarnings(state, options), style),
    found.length === 0
      ? [goodNews(database, style)]
      : titled(
          'What is wrong',
          found.flatMap((one) => troubleLines(one, options)),
          style,
        ),
    ...(unread.length === 0
      ? []
      : [
          titled(
            'Not shown',
            unread.flatMap((line) => wrap(line, width, '  ', '    ')),
            style,
          ),
        ]),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const titled = (title: string, lines: readonly string[], style: Style): readonly string[] =>
  lines.length === 0 ? [] : [style('bold', title), ...lines];

const phaseTones: Readonly<Record<string, Tone>> = { Running: 'good', Failed: 'bad', Hibernated: 'dim' };

function headline(database: Database, { now, style }: ViewOptions): string {
  const { metadata, spec, status } = database;
  const phase = status?.phase ?? 'not seen yet';
  const wanted = spec.hibernate === true ? 0 : (spec.replicas ?? 1);
  return [
    style('bold', `${metadata.namespace ?? 'default'}/${metadata.name}`),
    engineWords(database),
    style(phaseTones[phase] ?? 'warn', phase),
    `${status?.readyReplicas ?? 0} of ${wanted} ready`,
    ageWords(database, now),
    spec.paused === true ? style('warn', 'paused: the operator only reports') : '',
    spec.deletionProtection === true ? 'protected from deletion' : '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function engineWords({ spec, status }: Database): string {
  const title = engineByName(spec.engine ?? spec.type ?? '')?.title ?? 'engine not known yet';
  return `${title} ${status?.version ?? spec.version ?? ''}`.trim();
}

function ageWords({ metadata }: Database, now: Date): string {
  const age = now.getTime() - Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(age) ? '' : `${duration(age)} old`;
}

interface PodStatus {
  readonly phase?: string;
  readonly containerStatuses?: readonly {
    readonly restartCount?: number;
    readonly state?: {
      readonly waiting?: { readonly reason?: string };
      readonly terminated?: { readonly reason?: string };
    };
  }[];
}

/** As kubectl shows it: the reason why a container waits or ended goes before the phase. */
function podState(pod: KubernetesObject | undefined): { readonly text: string; readonly restarts: number } {
  if (pod === undefined) return { text: 'no pod', restarts: 0 };
  const { phase = 'Unknown', containerStatuses = [] } = (pod['status'] ?? {}) as PodStatus;
  const restarts = containerStatuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const reason = containerStatuses
    .map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason)
    .find(Boolean);
  return { text: pod.metadata.deletionTimestamp === undefined ? (reason ?? phase) : 'Terminating', restarts };
}

function memberLines({ database, pods }: StatusState, style: Style): readonly string[] {
  const members = database.status?.members ?? [];
  const names = [...new Set([...members.map(({ name }) => name), ...pods.map(({ metadata }) => metadata.name)])];
  if (names.length === 0) return [];
  const rows = names.map((name) => {
    const member = members.find((one) => one.name === name);
    const pod = pods.find(({ metadata }) => metadata.name === name);
    const { text, restarts } = podState(pod);
    const { nodeName = '' } = (pod?.['spec'] ?? {}) as { nodeName?: string };
    return [
      `  ${name}`,
      member?.role ?? 'unknown',
      member?.ready === true
        ? ({ text: 'ready', tone: 'good' } as const)
        : ({ text: 'not ready', tone: 'bad' } as const),
      lagCell(member?.lag),
      text,
      restarts === 0 ? '' : String(restarts),
      pod?.metadata.labels?.['version'] ?? '',
      nodeName,
    ];
  });
  return columns(rows, style, ['  MEMBER', 'ROLE', 'STATE', 'LAG', 'POD', 'RESTARTS', 'VERSION', 'NODE']);
}

const lagCell = (lag: string | undefined) =>
  lag === undefined || lag === '0s'
    ? (lag ?? '')
    : ({ text: lag, tone: lag === 'not following' ? 'bad' : 'warn' } as const);

function factRows(database: Database): readonly (readonly string[])[] {
  const { spec, status } = database;
  const rows: readonly (readonly [string, string])[] = [
    ['Writes', status?.endpoints?.primary ?? ''],
    ['Reads', (status?.endpoints?.readonly ?? []).join(', ')],
    ['Storage', storageWords(database)],
    ['Replication', (spec.replicas ?? 1) > 1 ? (spec.replication?.mode ?? 'async') : ''],
    ['Window', windowWords(database)],
  ];
  return rows.filter(([, value]) => value !== '').map(([name, value]) => [`  ${name}`, value]);
}

function windowWords({ spec }: Database): string {
  const { maintenanceWindow: window } = spec;
  if (window === undefined) return '';
  return `restarts wait for "${window.schedule}" ${window.timeZone ?? 'UTC'}, open for ${window.duration}`;
}

const shownEvents = 5;

function recentWarnings({ events }: StatusState, { now, width }: ViewOptions): readonly string[] {
  return events
    .filter((event) => eventWords(event).type === 'Warning' && now.getTime() - eventTime(event) < 3_600_000)
    .slice(-shownEvents)
    .flatMap((event) => {
      const { reason, note } = eventWords(event);
      return wrap(`${reason}: ${note}`, width, `  ${duration(now.getTime() - eventTime(event))} ago  `);
    });
}

function troubleLines({ what, seen, remedy }: Trouble, { style, width }: ViewOptions): readonly string[] {
  const more = (label: string, text = ''): readonly string[] => (text === '' ? [] : wrap(text, width, `    ${label} `));
  return [
    ...wrap(what, width, '  ! ').map((line) => style('bad', line)),
    ...more('seen:', seen),
    ...more('do:  ', remedy),
  ];
}

function goodNews({ status, spec }: Database, style: Style): string {
  if (status?.phase === 'Hibernated')
    return 'It sleeps; data, credentials and Services are kept. kubectl database wake starts it.';
  if (isTrue(status?.conditions, 'Ready'))
    return style('good', spec.hibernate === true ? 'It is going to sleep.' : 'No fault is known.');
  return 'No fault is known; it does not take writes yet.';
}
