/** Events of events.k8s.io, as far as the plugin tells them. */
import type { KubernetesObject } from '../api/object.ts';

export const EVENT_SELECTOR = (kind: string, name: string): string => `regarding.kind=${kind},regarding.name=${name}`;

interface EventFields {
  readonly eventTime?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
}

const fields = (event: KubernetesObject): EventFields => event as unknown as EventFields;

/** When it was last seen, in milliseconds; 0 when it does not say. */
export function eventTime(event: KubernetesObject): number {
  const { series, eventTime: at, deprecatedLastTimestamp } = fields(event);
  const time = Date.parse(
    series?.lastObservedTime ?? at ?? deprecatedLastTimestamp ?? event.metadata.creationTimestamp ?? '',
  );
  return Number.isNaN(time) ? 0 : time;
}

/** Changes when the same thing happens again. */
export const occurrence = (event: KubernetesObject): string =>
  `${event.metadata.uid ?? event.metadata.name} ${fields(event).series?.count ?? 1}`;

export const eventWords = (
  event: KubernetesObject,
): { readonly type: string; readonly reason: string; readonly note: string } => {
  const { type = '', reason = '', note = '' } = fields(event);
  return { type, reason, note };
};
