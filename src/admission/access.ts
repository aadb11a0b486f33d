/**
 * What a review asks of Kubernetes' RBAC before it can be decided. The rule itself is run with a listener in the place of the
 * answers, so that what is asked can't differ from what the rule will want to know.
 */
import type { DecideContext } from './context.ts';
import { decide } from './decide.ts';
import { noFacts } from './facts.ts';
import type { AccessQuestion } from './facts.ts';
import type { AdmissionRequest } from './review.ts';
import { privilegeAccess } from './rules/databaseuser/privilege-access.ts';

/** Each once; none for most reviews. Never throws. */
export function accessQuestions(
  request: AdmissionRequest,
  { now }: Pick<DecideContext, 'now'>,
): readonly AccessQuestion[] {
  if (request.resource.resource !== 'databaseusers' || request.subResource !== '') return [];
  const asked = new Map<string, AccessQuestion>();
  const access = (question: AccessQuestion) => {
    asked.set(question.subresource, question);
    return { known: false } as const;
  };
  decide(request, { now, facts: { ...noFacts, access }, rules: [privilegeAccess] });
  return [...asked.values()];
}
