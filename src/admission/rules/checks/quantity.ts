/** Quantities as fields of several kinds hold them. */
import { parseQuantity } from '../../../values/quantity.ts';
import { compareQuantities, quantityHint, signOf } from '../../../values/quantity-use.ts';
import type { Quantity } from '../../../values/quantity.ts';
import { invalid } from '../../field.ts';
import type { Finding } from '../../finding.ts';

export type IntOrString = number | string;

/** Undefined when absent or no quantity: another rule says so. */
export function quantityOf(value: unknown): Quantity | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const parsed = parseQuantity(value);
  return parsed.ok ? parsed.quantity : undefined;
}

/** Exactly what `resource.ParseQuantity` takes; `example` is repeated in the remedy. */
export function quantityFault(field: string, value: IntOrString | undefined, example: string): Finding | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    return invalid(field, value, `must be a whole number below 2^53 or a quoted quantity, such as ${example}`);
  }
  const parsed = parseQuantity(value);
  if (parsed.ok) return undefined;
  const hint = typeof value === 'string' ? quantityHint(value) : undefined;
  return invalid(field, value, `${parsed.error}; ${hint ?? `write a quantity such as ${example}`}`);
}

export function positiveQuantityFault(
  field: string,
  value: IntOrString | undefined,
  example: string,
): Finding | undefined {
  const fault = quantityFault(field, value, example);
  if (fault !== undefined) return fault;
  const quantity = quantityOf(value);
  if (quantity === undefined || signOf(quantity) > 0) return undefined;
  return invalid(field, value, `must be greater than zero, such as ${example}`);
}

/** Negative when `left` is the smaller; undefined when one of them is no quantity. */
export function compare(left: unknown, right: unknown): number | undefined {
  const a = quantityOf(left);
  const b = quantityOf(right);
  return a === undefined || b === undefined ? undefined : compareQuantities(a, b);
}
