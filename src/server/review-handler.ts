/** Admission proper behind the server's narrow door: decode, decide, respond. */
import { accessQuestions } from '../admission/access.ts';
import type { Facts } from '../admission/facts.ts';
import { decide } from '../admission/decide.ts';
import { respond, ruleIds } from '../admission/respond.ts';
import { decodeReview, type AdmissionRequest } from '../admission/review.ts';
import type { Decision } from '../admission/decision.ts';
import type { Clock } from '../values/clock.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { AccessReviews } from './access-reviews.ts';
import type { AdmissionAnswer, AdmissionHandler, ReviewSummary, Route } from './admission-handler.ts';
import { definitionToGo, withLiveList } from './definitions.ts';
import { statusJson } from './status.ts';

export interface ReviewHandlerOptions {
  readonly clock: Clock;
  readonly facts: Facts;
  /** Absent without a cluster. */
  readonly client?: Pick<KubernetesClient, 'listPage'>;
  /** Absent without a cluster: then nobody can be asked. */
  readonly access?: AccessReviews;
  /** A rule that threw; '' when it was not a rule. */
  readonly onPanic: (rule: string, error: unknown) => void;
}

/** Answers at once, but where the API server is asked: who may grant, and what is left of a kind before its definition goes. */
export function createReviewHandler({ clock, facts, client, access, onPanic }: ReviewHandlerOptions): AdmissionHandler {
  const answer = (request: AdmissionRequest, route: Route, known: Facts): AdmissionAnswer => {
    const decision = decide(request, { now: new Date(clock.now()), facts: known, mode: route, onPanic });
    return {
      status: 200,
      body: JSON.stringify(respond(request, decision, route)),
      summary: summarise(request, decision),
    };
  };
  return (call) => {
    const { route } = call;
    const decoded = decodeReview(call.body);
    if (!decoded.ok) return { status: decoded.status, body: statusJson(decoded.status, decoded.message) };
    const { request } = decoded;
    const kind = client === undefined ? undefined : definitionToGo(request);
    if (client !== undefined && kind !== undefined) {
      return withLiveList(kind, { client, clock, facts, signal: call.signal }).then((live) =>
        answer(request, route, live),
      );
    }
    const questions = access === undefined ? [] : accessQuestions(request, { now: new Date(clock.now()) });
    if (access === undefined || questions.length === 0) return answer(request, route, facts);
    return access
      .ask(request.userInfo, questions)
      .then((answers) => answer(request, route, { ...facts, access: answers }));
  };
}

function summarise(request: AdmissionRequest, decision: Decision): ReviewSummary {
  const { uid, operation, resource, subResource, kind, namespace, name, userInfo, dryRun, object, oldObject } = request;
  const { name: ownName, generateName } = (object ?? oldObject)?.metadata ?? {};
  return {
    uid,
    operation,
    resource: subResource === '' ? resource.resource : `${resource.resource}/${subResource}`,
    kind: kind.kind,
    namespace,
    // With generateName the name is not chosen yet.
    name: name || ownName || `${generateName ?? ''}*`,
    user: userInfo.username,
    allowed: decision.allowed,
    dryRun,
    rules: ruleIds(decision),
  };
}
