/**
 * Deleting one of our CRDs deletes every object of its kind, past their own webhooks and past deletion protection: this is
 * the only guard there is.
 */
import { ownKinds } from '../api/resources.ts';
import type { DecideContext } from './context.ts';
import { allowed, invalidStatus } from './decision.ts';
import type { Decision } from './decision.ts';
import { forbidden } from './field.ts';
import type { AdmissionRequest } from './review.ts';

const group = 'apiextensions.k8s.io';
const shown = 3;

/** Refused while objects exist; a warning where nobody knows whether they do. */
export function decideDefinitionDelete(request: AdmissionRequest, context: DecideContext): Decision {
  const name = request.name !== '' ? request.name : (request.oldObject?.metadata.name ?? '');
  const own = ownKinds.find(({ plural, group: ownGroup }) => `${plural}.${ownGroup}` === name);
  if (request.operation !== 'DELETE' || own === undefined) return allowed;
  const fact = context.facts.list(own.kind);
  if (!fact.known) {
    return {
      ...allowed,
      warnings: [`not checked whether objects of kind ${own.kind} exist: deleting ${name} deletes them all`],
    };
  }
  if (fact.value.length === 0) return allowed;
  const names = fact.value.slice(0, shown).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  const more = fact.value.length > shown ? ', …' : '';
  const finding = {
    ...forbidden(
      'metadata.name',
      `${fact.value.length} ${own.plural} exist (${names.join(', ')}${more}) and would be deleted with their definition; ` +
        `delete them first, or delete the webhook configuration to get past this guard`,
    ),
    rule: 'CRD001',
  };
  return {
    ...allowed,
    allowed: false,
    findings: [finding],
    refusal: invalidStatus(group, 'CustomResourceDefinition', name, [finding]),
  };
}
