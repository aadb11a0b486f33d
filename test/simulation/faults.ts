/** What goes wrong between the operator and the API server, as a seed decides it. */
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { Network, Verb } from './network.ts';
import type { Scheduler } from './scheduler.ts';

/** Probabilities for each call or event. */
export interface Weather {
  readonly crash: number;
  readonly conflict: number;
  readonly tooMany: number;
  readonly unavailable: number;
  /** The answer is lost, the write may have happened or not. */
  readonly timeout: number;
  readonly lostEvent: number;
  readonly doubleEvent: number;
  readonly staleList: number;
  readonly compaction: number;
  /** Longest delay of one way, in milliseconds. */
  readonly slowness: number;
}

export const calm: Weather = {
  crash: 0,
  conflict: 0,
  tooMany: 0,
  unavailable: 0,
  timeout: 0,
  lostEvent: 0,
  doubleEvent: 0,
  staleList: 0,
  compaction: 0,
  slowness: 5,
};

/** Most seeds have one or two kinds of trouble, some all of them, some none. */
export function makeWeather(scheduler: Scheduler): Weather {
  const some = (most: number): number => (scheduler.chance(0.4) ? scheduler.random() * most : 0);
  return {
    crash: some(0.06),
    conflict: some(0.1),
    tooMany: some(0.1),
    unavailable: some(0.1),
    timeout: some(0.1),
    lostEvent: some(0.1),
    doubleEvent: some(0.3),
    staleList: some(0.8),
    compaction: some(0.2),
    slowness: scheduler.chance(0.3) ? scheduler.between(50, 3000) : scheduler.between(1, 30),
  };
}

const isWrite = (verb: Verb): boolean => ['create', 'apply', 'patch', 'delete'].includes(verb);
const noAnswer = (): ApiError => new ApiError('request timed out', { code: 0, reason: 'Timeout' });

export interface FaultyNetwork extends Network {
  /** Kinds that are not installed. */
  readonly absent: Set<string>;
  /** Calls that were made: reads beyond watches count here. */
  readonly calls: { verb: Verb; kind: string }[];
  setWeather(weather: Partial<Weather>): void;
}

export function makeNetwork(
  scheduler: Scheduler,
  initial: Weather,
  version: () => number,
  onCrash: () => void,
): FaultyNetwork {
  let weather = initial;
  const random = scheduler.fork('network');
  const happens = (probability: number): boolean => probability > 0 && random() < probability;
  const absent = new Set<string>();
  const calls: { verb: Verb; kind: string }[] = [];
  return {
    absent,
    calls,
    setWeather: (change) => void (weather = { ...weather, ...change }),
    before(verb, resource) {
      calls.push({ verb, kind: resource.kind });
      if (happens(weather.unavailable)) throw new ApiError('unavailable', { code: 503, reason: 'ServiceUnavailable' });
      if (happens(weather.tooMany)) {
        throw new ApiError('too many requests', { code: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 });
      }
      if (isWrite(verb) && happens(weather.conflict)) {
        throw new ApiError('the object has been modified', { code: 409, reason: 'Conflict' });
      }
      if (happens(weather.timeout / 2)) throw noAnswer();
    },
    after(verb) {
      if (!isWrite(verb)) return;
      if (happens(weather.crash)) onCrash();
      if (happens(weather.timeout)) throw noAnswer();
    },
    slowness: () => (weather === calm || weather.slowness <= calm.slowness ? 0 : Math.min(weather.slowness, 400)),
    delay: () => 1 + random() * weather.slowness,
    compactedAt: () => (happens(weather.compaction) ? version() : 0),
    staleness: () => (happens(weather.staleList) ? Math.floor(random() * 20) : 0),
    breakAfterLoss: () => 1000 + random() * 90_000,
    fateOf: () => (happens(weather.lostEvent) ? 'lost' : happens(weather.doubleEvent) ? 'twice' : 'delivered'),
    isAbsent: ({ kind }) => absent.has(kind),
  };
}
