/** What lies between a client and the simulated API server. */
import type { Resource } from '../../src/api/object.ts';
import type { LogEntry } from './world-types.ts';

export type Verb = 'get' | 'list' | 'create' | 'apply' | 'patch' | 'delete' | 'watch';

export interface Network {
  /** Before the server does anything; may throw. */
  before(verb: Verb, resource: Resource): void;
  /** After it has done it; may throw, or kill the process that asked. */
  after(verb: Verb, resource: Resource): void;
  /** Milliseconds of one way. */
  delay(): number;
  /** Longest delay on the way to a member, milliseconds; 0 in calm weather. */
  slowness(): number;
  /** Resource versions at or below it are gone: watches from there get 410. */
  compactedAt(): number;
  /** How many versions a list may be behind; 0: it is fresh. */
  staleness(): number;
  /** What becomes of one event on its way. */
  fateOf(entry: LogEntry): 'delivered' | 'twice' | 'lost';
  /** Milliseconds after which a stream that lost an event ends with 410. */
  breakAfterLoss(): number;
  /** Kinds whose CRD is not installed. */
  isAbsent(resource: Resource): boolean;
}
