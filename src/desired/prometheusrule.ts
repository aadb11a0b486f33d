/** `<name>-monitor`: the alerts of spec.monitoring.alerting. */
import type { KubernetesObject } from '../api/object.ts';
import { PrometheusRule } from '../api/resources.ts';
import type { EngineRuntime } from '../engines/engine.ts';
import { alerts } from './alerts.ts';
import { child, type Input } from './context.ts';
import { monitorName } from './names.ts';

export function prometheusRule(input: Input, { queries }: EngineRuntime): KubernetesObject {
  const { database } = input;
  const spec = { groups: [alerts({ database, queries, thresholds: {} })] };
  return child(input, PrometheusRule, monitorName(database.metadata.name), { spec });
}
