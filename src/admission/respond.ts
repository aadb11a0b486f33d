/**
 * Decision to AdmissionReview. The limits on warnings are the API server's: a control character makes it drop the header
 * without a word, and beyond 4096 characters in all it cuts every warning to 256.
 */
import type { Decision, Refusal } from './decision.ts';
import type { AdmissionRequest } from './review.ts';

export type Route = 'mutate' | 'validate';

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Refusal;
  readonly patchType?: 'JSONPatch';
  /** Base64. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export interface AdmissionReview {
  readonly apiVersion: AdmissionRequest['reviewVersion'];
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}

const longestWarning = 240;
const mostWarnings = 16;
const mostCharacters = 4096;
const continued = '… ';

/** The answer to `request`, in the version in which it was asked. */
export function respond(
  request: Pick<AdmissionRequest, 'uid' | 'reviewVersion' | 'operation'>,
  decision: Decision,
  route: Route,
): AdmissionReview {
  const warnings = headerWarnings(decision.warnings);
  const patched = route === 'mutate' && decision.allowed && decision.patch.length > 0 && request.operation !== 'DELETE';
  const audit = auditAnnotations(decision, patched);
  return {
    apiVersion: request.reviewVersion,
    kind: 'AdmissionReview',
    response: {
      uid: request.uid,
      allowed: decision.allowed,
      ...(decision.refusal !== undefined && { status: decision.refusal }),
      ...(patched && { patchType: 'JSONPatch' as const, patch: base64(JSON.stringify(decision.patch)) }),
      ...(warnings.length > 0 && { warnings }),
      ...(Object.keys(audit).length > 0 && { auditAnnotations: audit }),
    },
  };
}

/** Each once, in the order in which they spoke. */
export const ruleIds = ({ findings }: Decision): readonly string[] =>
  findings.length === 0 ? [] : [...new Set(findings.map(({ rule }) => rule))];

function auditAnnotations(decision: Decision, patched: boolean): Readonly<Record<string, string>> {
  const defaulted = patched ? decision.defaulted : [];
  const rules = ruleIds(decision).toSorted();
  return {
    ...(rules.length > 0 && { 'rule-ids': rules.join(',') }),
    ...(defaulted.length > 0 && { 'defaults-applied': defaulted.join(',') }),
  };
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Warnings as the API server passes them on: one line each, at most 240 characters (the API server cuts at 256), at most 16 and 4096 in all. */
export function headerWarnings(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return [];
  const lines = [...new Set(texts.flatMap((text) => (isPlain(text) ? text : text.split(/[\r\n]+/).flatMap(wrap))))];
  const kept: string[] = [];
  let characters = 0;
  for (const line of lines) {
    characters += isPlain(line) ? line.length : Array.from(line).length;
    if (kept.length === mostWarnings || characters > mostCharacters) {
      kept[kept.length - 1] =
        `${lines.length - kept.length + 1} more lines of warnings: run "database-operator validate -f FILE"`;
      break;
    }
    kept.push(line);
  }
  return kept;
}

/** Most warnings: one line of printable ASCII with single spaces between its words. */
const plainLine = /^[!-~]+(?: [!-~]+)*$/;

const isPlain = (text: string): boolean => text.length <= longestWarning && plainLine.test(text);

function wrap(text: string): readonly string[] {
  const words = text
    .replace(/\p{C}/gu, ' ')
    .split(' ')
    .filter((word) => word.trim() !== '')
    .flatMap(cut);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > longestWarning) {
      lines.push(line);
      line = continued + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** A word that fills more than a line is cut between characters. */
function cut(word: string): readonly string[] {
  const longest = longestWarning - continued.length;
  if (word.length <= longest) return [word];
  const characters = Array.from(word);
  const pieces: string[] = [];
  for (let from = 0; from < characters.length; from += longest) {
    pieces.push(characters.slice(from, from + longest).join(''));
  }
  return pieces;
}
