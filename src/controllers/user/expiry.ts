/** The end of a user's time: no log-in, no sessions, no Secret; dropped where its object says so. */
import { keepCopies, removeSecret, secretsOf } from './secrets.ts';
import { ownerOfSecrets, type UserFrame } from './keep.ts';
import { lookAgainMs } from './looks.ts';
import { namesOf } from './names.ts';
import type { Result, UserDeps } from './deps.ts';

export async function expireUser({ user, key, target, base, now }: UserFrame, deps: UserDeps): Promise<Result> {
  const names = namesOf(user, target.known);
  const drops = user.spec.reclaimPolicy === 'Delete';
  const fingerprint = `expired ${drops} ${target.fingerprint}`;
  let next = deps.userLooks.next(key) ?? now;
  let kept: string | undefined;
  if (user.status?.username !== undefined && deps.userLooks.isDue(key, fingerprint, now)) {
    const client = target.known.driver.connect(target.server, deps.randomBytes);
    try {
      await client.lock(names);
      if (drops) ({ kept } = await client.drop(names));
    } finally {
      client.close();
    }
    next = now + lookAgainMs(deps.random);
    deps.userLooks.looked(key, fingerprint, next);
  }
  const owner = ownerOfSecrets(user);
  await keepCopies(undefined, [], owner, deps);
  for (const secret of secretsOf(owner, deps.caches)) await removeSecret(secret, deps);
  const fate = drops ? (kept ?? 'it is dropped') : 'it is locked, its sessions are ended; what it owns stays';
  const message = `its time is over: ${fate}. Raise spec.expiresAfter to have it again, with a new password`;
  return {
    standing: {
      invalidFields: base.invalidFields,
      ...(base.expiresAt !== undefined && { expiresAt: base.expiresAt }),
      username: names.name,
      phase: 'Expired',
      ready: { status: 'False', reason: 'Expired', message },
    },
    next: Math.max(next, now + 1_000),
  };
}
