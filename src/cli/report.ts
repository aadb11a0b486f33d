/** The forms in which a verdict over files is told. */
import type { Rule } from '../admission/rule.ts';
import type { Manifest } from './documents.ts';
import type { Position } from './locate.ts';
import { typeRule, unknownFieldRule, type Judgement, type Remark } from './validate-object.ts';
import { schemaRule } from '../admission/evaluate.ts';

export interface Judged extends Judgement {
  readonly manifest: Manifest;
}

export const jsonOf = (judged: readonly Judged[]): string =>
  `${JSON.stringify({ items: judged.map(({ item }) => item) })}\n`;

export const tableOf = (judged: readonly Judged[]): string =>
  judged
    .flatMap(({ item: { kind, namespace, name, allowed, violations, warnings } }) => [
      `${allowed ? 'allowed' : 'REFUSED'}  ${kind} ${namespace}/${name}`,
      ...violations.map(({ field, message }) => `  ${field === '' ? '' : `${field}: `}${message}`),
      ...warnings.map((warning) => `  warning: ${warning}`),
    ])
    .map((line) => `${line}\n`)
    .join('');

const positionOf = ({ manifest }: Judged, { field }: Remark): Position => manifest.locate(field);
const textOf = ({ field, message }: Remark): string => (field === '' ? message : `${field}: ${message}`);

/** Workflow commands of GitHub Actions: an annotation at the line of the field. */
export const githubOf = (judged: readonly Judged[]): string =>
  judged
    .flatMap((one) =>
      one.remarks.map((remark) =>
        annotation(remark.severity === 'deny' ? 'error' : 'warning', {
          file: one.manifest.source,
          position: positionOf(one, remark),
          title: `${remark.rule} ${one.item.kind} ${one.item.namespace}/${one.item.name}`,
          message: textOf(remark),
        }),
      ),
    )
    .join('');

export interface Annotation {
  readonly file: string;
  readonly position: Position;
  readonly title: string;
  readonly message: string;
}

/** One workflow command, ending in a line break. */
export function annotation(level: 'error' | 'warning', { file, position, title, message }: Annotation): string {
  const { line, column } = position;
  const properties = Object.entries({ file, line, col: column, title });
  return `::${level} ${properties.map(([name, value]) => `${name}=${property(String(value))}`).join(',')}::${data(message)}\n`;
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Of findings that no rule made. */
const builtIn: readonly Pick<Rule, 'id' | 'title' | 'why' | 'remedy'>[] = [
  {
    id: typeRule,
    title: 'apiVersion, kind and name are known',
    why: 'Without them the API server does not know what the object is.',
    remedy: 'Write what the message names.',
  },
  {
    id: unknownFieldRule,
    title: 'every field exists',
    why: 'The API server drops fields that it does not know, so they would have no effect.',
    remedy: 'Correct the spelling, or remove the field.',
  },
  {
    id: schemaRule,
    title: 'the schema of the kind holds',
    why: 'The API server refuses what does not fit the schema of the CRD.',
    remedy: 'Write a value of the type and form that the message names.',
  },
];

export interface SarifTool {
  readonly version: string;
  readonly rules: readonly Pick<Rule, 'id' | 'title' | 'why' | 'remedy' | 'severity'>[];
}

/** SARIF 2.1.0, as code scanning services read it; lists the rules that spoke, and no other. */
export function sarifOf(judged: readonly Judged[], { version, rules }: SarifTool): string {
  const spoke = new Set(judged.flatMap(({ remarks }) => remarks.map(({ rule }) => rule)));
  const listed = [...builtIn.map((rule) => ({ ...rule, severity: 'deny' as const })), ...rules].filter(({ id }) =>
    spoke.has(id),
  );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'database-operator', semanticVersion: version, rules: listed.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        results: judged.flatMap((one) =>
          one.remarks.map((remark) =>
            result(
              one,
              remark,
              listed.findIndex(({ id }) => id === remark.rule),
            ),
          ),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

const levels = { deny: 'error', warn: 'warning' } as const;

const descriptor = ({ id, title, why, remedy, severity }: SarifTool['rules'][number]) => ({
  id,
  shortDescription: { text: title },
  fullDescription: { text: why },
  help: { text: remedy },
  defaultConfiguration: { level: levels[severity] },
});

function result(judged: Judged, remark: Remark, ruleIndex: number) {
  const { line, column } = positionOf(judged, remark);
  const { kind, namespace, name } = judged.item;
  const object = `${kind} ${namespace}/${name}`;
  return {
    ruleId: remark.rule,
    ruleIndex,
    level: levels[remark.severity],
    message: { text: textOf(remark) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(judged.manifest.source) },
          region: { startLine: line, startColumn: column },
        },
        logicalLocations: [{ fullyQualifiedName: remark.field === '' ? object : `${object} ${remark.field}` }],
      },
    ],
  };
}

/** Relative to the working directory, which code scanning takes for the root of the repository. */
const uriOf = (source: string): string =>
  source === '<stdin>'
    ? 'stdin'
    : source
        .replaceAll('\\', '/')
        .replace(/^(?:\.\/)+/, '')
        .split('/')
        .map(encodeURIComponent)
        .join('/');
