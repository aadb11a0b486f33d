/** Requests and limits, as Kubernetes checks them in a pod: told here, and not by a pod that is never made. */
import type { ResourceRequirements } from '../../../api/types.generated.ts';
import { bytesOf, formatBytes } from '../../../values/quantity-use.ts';
import { qualifiedNameFault } from '../../../values/names.ts';
import { closest } from '../../../values/nearest.ts';
import { forbidden, invalid, keyOf, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import { compare, quantityFault, quantityOf } from './quantity.ts';
import { signOf } from '../../../values/quantity-use.ts';

type Resources = ResourceRequirements | undefined;
const sides = ['requests', 'limits'] as const;
const standard = ['cpu', 'memory', 'ephemeral-storage'];

const entries = (field: string, resources: Resources): readonly (readonly [string, string, string | number])[] =>
  sides.flatMap((side) =>
    Object.entries(resources?.[side] ?? {}).map(
      ([name, value]) => [keyOf(`${field}.${side}`, name), name, value] as const,
    ),
  );

export function resourceQuantities(field: string, resources: Resources): readonly Finding[] {
  return entries(field, resources).flatMap(([at, name, value]) => {
    const fault = quantityFault(at, value, name === 'cpu' ? '500m' : '1Gi');
    if (fault !== undefined) return [fault];
    const quantity = quantityOf(value);
    return quantity !== undefined && signOf(quantity) < 0
      ? [invalid(at, value, 'must be greater than or equal to 0')]
      : [];
  });
}

/** cpu, memory, ephemeral-storage, hugepages-*, or a resource of a device plugin, which has a domain. */
export function resourceNames(field: string, resources: Resources): readonly Finding[] {
  return entries(field, resources).flatMap(([at, name]) => {
    if (standard.includes(name) || /^hugepages-[0-9]+[KMG]i$/.test(name)) return [];
    if (name.includes('/') && qualifiedNameFault(name) === undefined) return [];
    const nearest = closest(name, standard);
    const hint =
      nearest === undefined ? `one of ${standard.join(', ')}, or a name with a domain` : `did you mean ${nearest}?`;
    return [invalid(at, name, `must be a standard resource for containers: ${hint}`)];
  });
}

export function requestsWithinLimits(field: string, resources: Resources): readonly Finding[] {
  return Object.entries(resources?.requests ?? {}).flatMap(([name, request]) => {
    const limits = resources?.limits ?? {};
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (limit === undefined || (compare(request, limit) ?? 0) <= 0) return [];
    return [
      invalid(
        keyOf(`${field}.requests`, name),
        request,
        `must be less than or equal to ${name} limit of ${limit}; lower it or raise the limit`,
      ),
    ];
  });
}

/** Kubernetes gives huge pages and devices whole: what is asked for is what one gets. */
export function wholeResources(field: string, resources: Resources): readonly Finding[] {
  const limits = resources?.limits ?? {};
  const requests = resources?.requests ?? {};
  const names = new Set([...Object.keys(limits), ...Object.keys(requests)]);
  return [...names]
    .filter((name) => name.startsWith('hugepages-') || name.includes('/'))
    .flatMap((name) => {
      const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
      const request = Object.hasOwn(requests, name) ? requests[name] : undefined;
      if (limit === undefined)
        return [
          forbidden(keyOf(`${field}.limits`, name), 'must be set where it is requested: it can not be overcommitted'),
        ];
      if (request === undefined || compare(request, limit) === 0) return [];
      return [
        invalid(
          keyOf(`${field}.requests`, name),
          request,
          `must be equal to ${name} limit of ${limit}: it can not be overcommitted`,
        ),
      ];
    });
}

/** `512m` of memory is half a byte, and `500` cores are more than a node has. */
export function likelySlips(field: string, resources: Resources): readonly Finding[] {
  return entries(field, resources).flatMap(([at, name, value]) => {
    if (name === 'cpu' && (compare(value, 256) ?? -1) >= 0) {
      return [
        warning(at, `${value} cores are more than a node has, so the pods stay Pending; did you mean ${value}m?`),
      ];
    }
    const isMemory = name === 'memory' || name === 'ephemeral-storage';
    if (isMemory && /^[0-9.]+m$/.test(String(value))) {
      return [warning(at, `${value} are thousandths of a byte; did you mean ${String(value).slice(0, -1)}Mi?`)];
    }
    return [];
  });
}

export function memoryFloor(
  field: string,
  resources: Resources,
  engine: { readonly title: string; readonly leastMemoryBytes: number },
): Finding | undefined {
  const limit = resources?.limits?.['memory'];
  const bytes = bytesOf(limit);
  if (limit === undefined || bytes === undefined || bytes >= engine.leastMemoryBytes) return undefined;
  const slip = /^[0-9.]+m$/.test(String(limit)) ? `; did you mean ${String(limit).slice(0, -1)}Mi?` : '';
  return invalid(
    keyOf(`${field}.limits`, 'memory'),
    limit,
    `must be at least ${formatBytes(engine.leastMemoryBytes)}: ${engine.title} does not start on less, or is killed at once${slip}`,
  );
}
