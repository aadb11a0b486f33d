/** Who is primary, as a table: each row is one situation and what is decided in it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MemberView, PositionOrder } from '../engines/engine.ts';
import { decideTopology } from './topology.ts';
import type { Member, PodFacts, Report, TopologyDecision, TopologyInput } from './topology-types.ts';

const NOW = 1_000_000;

/** Positions in these tests: `5` is behind `7`; another letter before it is another history. */
function compare(a: string, b: string): PositionOrder {
  const [x, y] = [a, b].map((position) => ({
    history: position.replace(/\d/g, ''),
    at: Number(position.replace(/\D/g, '')),
  }));
  if (x?.history !== y?.history) return 'diverged';
  return x!.at === y!.at ? 'equal' : x!.at > y!.at ? 'ahead' : 'behind';
}

const running: PodFacts = { uid: 'u', terminating: false, ended: false };
const killed: PodFacts = { uid: 'u', terminating: true, graceSeconds: 1, ended: false };
const leaving: PodFacts = { uid: 'u', terminating: true, graceSeconds: 120, ended: false };
const formerlyAlone: PodFacts = { ...running, mayBeginAlone: true };
const over: PodFacts = { uid: 'u', terminating: false, ended: true };

const report = (partial: Partial<Report>): Report => ({
  kind: 'unknown',
  since: NOW - 60_000,
  answersSince: NOW - 60_000,
  watchedSince: NOW - 60_000,
  ...partial,
});
const streamed = { at: NOW - 500, lagSeconds: 0 };
const writes = (position = '7'): Report =>
  report({ kind: 'seen', heardAt: NOW - 100, view: { writable: true, streaming: false, position } });
const follows = (primary = 'o-0', view: Partial<MemberView> = {}, more: Partial<Report> = {}): Report =>
  report({
    kind: 'seen',
    heardAt: NOW - 100,
    harmlessSince: NOW - 60_000,
    streamed,
    view: { writable: false, follows: primary, streaming: true, position: '7', lagSeconds: 0, ...view },
    ...more,
  });
const idle = (position = '7', more: Partial<Report> = {}): Report =>
  report({
    kind: 'seen',
    heardAt: NOW - 100,
    harmlessSince: NOW - 60_000,
    view: { writable: false, streaming: false, position },
    ...more,
  });
/** Not following any more: its primary is away. */
const orphan = (position = '7', more: Partial<Report> = {}): Report =>
  follows('o-0', { streaming: false, position }, more);
const silent = (milliseconds: number, killedFor?: number): Report =>
  report({
    kind: 'silent',
    since: NOW - milliseconds,
    heardAt: NOW - milliseconds,
    view: { writable: true, streaming: false, position: '7' },
    ...(killedFor !== undefined && { killedSince: NOW - killedFor }),
  });
const refused = (milliseconds: number, heard = milliseconds): Report =>
  report({
    kind: 'refused',
    since: NOW - milliseconds,
    heardAt: NOW - heard,
    view: { writable: true, streaming: false, position: '7' },
    ...(milliseconds >= 1000 && { harmlessSince: NOW - milliseconds }),
  });

type Part = Partial<Omit<Member, 'name'>> | Report | 'gone';
const isReport = (part: Part): part is Report => typeof part === 'object' && 'watchedSince' in part;
function member(name: string, part: Part): Member {
  const base = { name, wanted: true, pod: running, report: undefined, labelled: name === 'o-0', shown: undefined };
  if (part === 'gone') return { ...base, pod: undefined };
  return isReport(part) ? { ...base, report: part } : { ...base, ...part };
}
const input = (parts: readonly Part[], more: Partial<TopologyInput> = {}): TopologyInput => ({
  now: NOW,
  primary: 'o-0',
  term: 3,
  mode: 'async',
  initialized: true,
  members: parts.map((part, ordinal) => member(`o-${String(ordinal)}`, part)),
  compare,
  elects: false,
  canDemote: true,
  canDetach: false,
  lagLimitSeconds: 30,
  ...more,
});

/** `record o-1; promote o-1; …`, or what is waited for in brackets. */
function told({ record, actions, waiting }: TopologyDecision): string {
  const words = [
    ...(record === undefined ? [] : [`record ${record.primary} ${String(record.term)}`]),
    ...actions.map((action) =>
      action.kind === 'switchover'
        ? `switchover ${action.from} ${action.to}`
        : `${action.kind} ${action.member}${action.kind === 'fence' ? ` ${action.by}` : ''}`,
    ),
  ];
  return words.length > 0 ? words.join('; ') : waiting === undefined ? 'nothing' : 'wait';
}

const rows: readonly (readonly [string, readonly Part[], string, Partial<TopologyInput>?])[] = [
  ['all is well', [writes(), follows(), follows()], 'nothing'],
  [
    'a newborn primary, others still have nothing',
    [idle(), refused(5000), { pod: over }],
    'promote o-0',
    { initialized: false },
  ],
  [
    'a newborn primary beside one of which nothing is known',
    [idle(), { report: report({}) }],
    'wait',
    { initialized: false },
  ],
  ['a primary that restarted is promoted in place', [idle('7'), orphan('7'), orphan('6')], 'promote o-0'],
  [
    '… not while one that may be ahead has not spoken',
    [idle('7', { answersSince: NOW - 1000 }), refused(2000)],
    'wait',
  ],
  [
    '… and is not waited for again when a promotion has failed',
    [idle('7', { since: NOW - 1000, orderedAt: NOW - 1000 }), refused(2000)],
    'promote o-0',
  ],
  ['… but not for ever', [idle('7', { answersSince: NOW - 6000 }), refused(6000)], 'promote o-0'],
  ['a primary that lost its data gives way', [idle('0'), orphan('7'), orphan('6')], 'record o-1 4'],
  ['… unless it may still have been told to begin', [idle('0', { promotedAt: NOW - 1000 }), orphan('7')], 'wait'],
  ['a former primary that came back with another history has no say', [idle('7'), idle('x9')], 'promote o-0'],
  ['one that ended and may begin alone again', [{ pod: formerlyAlone, report: refused(9000) }, orphan()], 'wait'],
  [
    '… is not handed over from either',
    [{ pod: formerlyAlone, report: writes() }, follows()],
    'wait',
    { request: 'o-1' },
  ],
  [
    '… unless it is stopped for that',
    [{ pod: formerlyAlone, report: writes() }, follows()],
    'switchover o-0 o-1',
    { request: 'o-1', canDemote: false },
  ],
  [
    '… nor when its container has ended: it is started again',
    [{ pod: { ...over, mayBeginAlone: true }, report: refused(9000) }, orphan()],
    'wait',
  ],
  ['one question without an answer', [silent(1500), orphan(), orphan()], 'wait'],
  [
    'a silent primary is stopped, after the decision is recorded',
    [silent(3000), orphan('6'), orphan('7')],
    'record o-2 4; fence o-0 delete',
  ],
  ['a silent primary that replicates to somebody is left alone', [silent(9000), follows(), orphan()], 'wait'],
  [
    'a silent primary that is being killed',
    [{ pod: killed, report: silent(5000) }, orphan(), orphan()],
    'record o-1 4',
  ],
  [
    '… whose end nobody confirms: its watchdog has ended it',
    [{ pod: killed, report: silent(7500, 4500) }, orphan(), orphan()],
    'record o-1 4; promote o-1',
  ],
  [
    '… who may be frozen and was ordered to end a moment ago',
    [{ pod: killed, report: silent(7500, 500) }, orphan(), orphan()],
    'record o-1 4',
  ],
  [
    '… who has lost its label with that order and is no longer recorded',
    [{ pod: killed, report: silent(17_000, 500), labelled: false }, idle()],
    'wait',
    { primary: 'o-1' },
  ],
  [
    '… and has had the time to end since',
    [{ pod: killed, report: silent(17_000, 4500), labelled: false }, idle()],
    'promote o-1',
    { primary: 'o-1' },
  ],
  [
    '… unless another silent one may keep it company',
    [{ pod: killed, report: silent(7500, 4500) }, orphan(), silent(7500)],
    'record o-1 4',
  ],
  [
    'a primary that is stopped cleanly and hangs is killed',
    [{ pod: leaving, report: silent(3000) }, orphan(), orphan()],
    'record o-1 4; fence o-0 delete',
  ],
  [
    '… and who takes over stops receiving meanwhile, where that can take long',
    [{ pod: leaving, report: silent(3000) }, orphan(), orphan()],
    'record o-1 4; fence o-0 delete; detach o-1',
    { canDetach: true },
  ],
  [
    '… and so is a former one',
    [{ pod: leaving, report: silent(9000), labelled: false }, idle(), orphan()],
    'fence o-0 delete',
    { primary: 'o-1' },
  ],
  [
    'a member that has left is forgotten by those who vote',
    [
      report({
        ...writes(),
        view: { writable: true, streaming: false, position: '7', voters: ['o-0', 'o-1', 'o-2', 'o-3'] },
      }),
      follows(),
    ],
    'retire o-0',
    { elects: true },
  ],
  [
    '… not while its pod is there',
    [
      report({ ...writes(), view: { writable: true, streaming: false, position: '7', voters: ['o-0', 'o-1', 'o-2'] } }),
      follows(),
      { wanted: false, report: follows() },
    ],
    'nothing',
    { elects: true },
  ],
  ['a primary whose server ended is given time to come back', [refused(1500), orphan(), orphan()], 'wait'],
  ['… and no more than that', [refused(3500), orphan('6'), orphan('7')], 'record o-2 4; promote o-2'],
  [
    '… unless it was stopped because it reached nobody',
    [{ pod: { ...running, cutOff: true }, report: refused(1500) }, orphan('6'), orphan('7')],
    'record o-2 4; promote o-2',
  ],
  ['a primary whose pod is gone', ['gone', orphan(), orphan()], 'record o-1 4; promote o-1'],
  ['a primary whose pod is being made anew', [{ pod: over }, orphan(), orphan()], 'record o-1 4; promote o-1'],
  [
    'a primary whose pod is being stopped and refuses',
    [{ pod: leaving, report: refused(1200) }, orphan(), orphan()],
    'record o-1 4; promote o-1',
  ],
  [
    'a primary whose pod is being stopped and still writes',
    [{ pod: leaving, report: writes() }, follows(), follows()],
    'switchover o-0 o-1',
  ],
  [
    '… with an engine that can only restart',
    [{ pod: leaving, report: writes() }, follows()],
    'wait',
    { canDemote: false },
  ],
  [
    'a primary that ended soon after it was promoted, and nobody hears it',
    [idle('7', { promotedAt: NOW - 9000 }), orphan('7')],
    'record o-1 4',
  ],
  ['… but somebody hears it', [idle('7', { promotedAt: NOW - 9000 }), follows(), orphan('7')], 'promote o-0'],
  [
    'a newborn primary that is later than the others',
    [{ pod: over }, orphan(), orphan()],
    'wait',
    { initialized: false },
  ],
  ['nobody is left', ['gone', 'gone', { pod: over }], 'wait'],
  ['nobody that can be seen', ['gone', silent(3000), silent(3000)], 'wait'],
  ['sync: somebody has not been asked', ['gone', orphan(), { pod: over }], 'wait', { mode: 'sync' }],
  [
    'sync: all others have been asked',
    ['gone', orphan('6'), orphan('7')],
    'record o-2 4; promote o-2',
    { mode: 'sync' },
  ],
  ['a replica that lagged is not promoted', ['gone', orphan('7', { streamed: { at: NOW, lagSeconds: 31 } })], 'wait'],
  [
    '… nor one that the status said to lag',
    ['gone', { report: orphan('7', { streamed: undefined } as never), shown: 60 }],
    'wait',
  ],
  ['… nor one that had stopped following', [refused(4000), orphan('7', { streamed: { at: NOW - 60_000 } })], 'wait'],
  ['two that parted from each other', ['gone', orphan('a7'), orphan('b7')], 'wait'],
  [
    'a replica that can’t go on is passed over',
    ['gone', orphan('8', {}), follows('o-0', { broken: 'its log is gone' })],
    'record o-1 4; promote o-1',
  ],
  [
    'nobody is known to have followed: all have just started',
    [{ pod: over }, idle('7', { watchedSince: NOW - 2000 })],
    'wait',
  ],
  [
    '… and the primary does not come',
    [{ pod: over }, idle('7', { watchedSince: NOW - 40_000 })],
    'record o-1 4; promote o-1',
  ],
  ['two take writes: the one that is not recorded is stopped', [writes(), writes(), follows()], 'fence o-1 demote'],
  ['… by its end where it can’t be told', [writes(), writes(), follows()], 'fence o-1 delete', { canDemote: false }],
  ['the recorded one has not begun while another writes', [idle(), writes(), orphan()], 'fence o-1 demote'],
  [
    'a former primary that is silent and labelled is stopped',
    [silent(3000), idle(), orphan()],
    'fence o-0 delete',
    { primary: 'o-1' },
  ],
  ['a replica follows the wrong one', [writes(), follows('o-2'), follows()], 'follow o-1'],
  ['… and was told a moment ago', [writes(), follows('o-2', {}, { orderedAt: NOW - 500 }), follows()], 'nothing'],
  [
    'a replica that can’t go on is cloned anew',
    [writes(), follows('o-0', { broken: 'gone' }), follows()],
    'reseed o-1',
  ],
  ['… not while the other copy is away', [writes(), follows('o-0', { broken: 'gone' }), orphan()], 'nothing'],
  [
    '… nor if it has more than the primary',
    [writes(), follows('o-0', { broken: 'own', position: '9' }), follows()],
    'nothing',
  ],
  ['one at a time', [writes(), follows('o-0', { broken: 'x' }), follows('o-0', { broken: 'x' })], 'reseed o-1'],
  ['a switchover to one of them', [writes(), follows(), follows()], 'switchover o-0 o-2', { request: 'o-2' }],
  ['… to any', [writes(), orphan(), follows()], 'switchover o-0 o-2', { request: 'any' }],
  [
    '… which stops the primary, while another is away',
    [writes(), follows(), { pod: leaving, report: follows() }],
    'nothing',
    { request: 'o-1', canDemote: false },
  ],
  [
    '… or does not answer: it is refused',
    [writes(), follows(), silent(1500)],
    'nothing',
    { request: 'any', canDemote: false },
  ],
  ['… and goes on where it need not stop', [writes(), follows(), 'gone'], 'switchover o-0 o-1', { request: 'any' }],
  [
    '… or is stopped by somebody else',
    [{ pod: leaving, report: writes() }, follows(), 'gone'],
    'wait',
    { canDemote: false },
  ],
  [
    'the primary is to go and has to stop for it, while another is away',
    [writes(), follows(), 'gone'],
    'wait',
    { leave: 'restart', canDemote: false },
  ],
  [
    'the plan wants the primary elsewhere',
    [writes(), follows(), follows()],
    'switchover o-0 o-1',
    { leave: 'restart' },
  ],
  ['… and nobody follows', [writes(), orphan(), orphan()], 'wait', { leave: 'restart' }],
  [
    'the primary is beyond the wanted members',
    [follows('o-1'), { report: writes(), wanted: false }],
    'switchover o-1 o-0',
    { primary: 'o-1' },
  ],
  ['the members elected another', [idle(), writes()], 'record o-1 4', { elects: true }],
  ['… or nobody', [idle(), idle()], 'wait', { elects: true }],
];

describe('who is primary', () => {
  for (const [title, parts, expected, more] of rows) {
    it(title, () => {
      const decision = decideTopology(input(parts, more));
      assert.equal(told(decision), expected, `it waits for: ${decision.waiting ?? 'nothing'}`);
    });
  }

  it('refuses a switchover with the reason, and ends one that is done', () => {
    const asked = (request: string, parts: readonly Part[] = [writes(), orphan()]) =>
      decideTopology(input(parts, { request })).request;
    assert.deepEqual(asked('o-1'), { kind: 'refused', why: 'o-1 does not follow the primary' });
    assert.deepEqual(asked('o-9'), { kind: 'refused', why: 'there is no member o-9' });
    assert.deepEqual(asked('any'), { kind: 'refused', why: 'nobody can take over: o-1 does not follow the primary' });
    assert.deepEqual(asked('o-0'), { kind: 'done' });
    assert.equal(
      decideTopology(input([idle(), follows()], { request: 'o-1' })).request,
      undefined,
      'while it fails over',
    );
  });

  it('says when it does not know whether the primary takes writes', () => {
    const writable = (parts: readonly Part[]) => decideTopology(input(parts)).writable;
    assert.equal(writable([writes(), follows()]), true);
    assert.equal(writable([{ report: report({}) }, orphan()]), undefined);
    assert.equal(writable([silent(1000), orphan()]), undefined);
    assert.equal(writable([silent(3000), orphan()]), false);
    assert.equal(writable([idle(), orphan()]), false);
  });

  describe('in any situation', () => {
    const anyReport = fc.oneof(
      fc.constant(undefined),
      fc.record({
        kind: fc.constantFrom('seen' as const, 'refused' as const, 'silent' as const, 'unknown' as const),
        ago: fc.integer({ min: 0, max: 20_000 }),
        watched: fc.integer({ min: 0, max: 60_000 }),
        writable: fc.boolean(),
        follows: fc.constantFrom('o-0', 'o-1', 'o-2', undefined),
        streaming: fc.boolean(),
        position: fc.constantFrom('5', '6', '7', 'x7'),
        broken: fc.constantFrom(undefined, undefined, 'gone'),
        harmless: fc.boolean(),
        streamed: fc.boolean(),
        promoted: fc.boolean(),
      }),
    );
    const anyMember = fc.record({
      report: anyReport,
      pod: fc.constantFrom(running, running, running, formerlyAlone, killed, leaving, over, undefined),
      wanted: fc.constantFrom(true, true, true, false),
      labelled: fc.boolean(),
    });
    const situation = fc
      .record({
        members: fc.array(anyMember, { minLength: 1, maxLength: 4 }),
        primary: fc.constantFrom('o-0', 'o-1', 'o-2'),
        mode: fc.constantFrom('sync' as const, 'async' as const),
        initialized: fc.boolean(),
        canDemote: fc.boolean(),
        request: fc.constantFrom(undefined, undefined, 'any', 'o-1'),
      })
      .map(({ members, request, ...rest }) =>
        input(
          members.map(({ report: one, ...member }) => ({ ...member, report: one && reportOf(one) })),
          { ...rest, ...(request !== undefined && { request }) },
        ),
      );
    type Raw = NonNullable<typeof anyReport extends fc.Arbitrary<infer T> ? T : never>;
    function reportOf(raw: Raw): Report {
      const isReadOnly = raw.kind !== 'seen' || !raw.writable;
      return report({
        kind: raw.kind,
        since: NOW - raw.ago,
        heardAt: raw.kind === 'seen' ? NOW - Math.min(raw.ago, 1000) : NOW - raw.ago,
        watchedSince: NOW - raw.watched,
        view: {
          writable: raw.writable,
          ...(raw.follows !== undefined && { follows: raw.follows }),
          streaming: raw.streaming,
          position: raw.position,
          ...(raw.broken !== undefined && { broken: raw.broken }),
        },
        ...(raw.harmless && isReadOnly && { harmlessSince: NOW - raw.ago }),
        ...(raw.streamed && { streamed }),
        ...(raw.promoted && { promotedAt: NOW - raw.ago }),
      });
    }
    const check = (claim: (input: TopologyInput, decision: TopologyDecision) => void): void =>
      fc.assert(
        fc.property(situation, (one) => claim(one, decideTopology(one))),
        { numRuns: 2000 },
      );

    it('promotes at most one, and only the one that is or is being recorded', () =>
      check((one, { record, actions }) => {
        const promoted = actions.filter(({ kind }) => kind === 'promote');
        assert.ok(promoted.length <= 1);
        for (const action of promoted)
          assert.equal('member' in action && action.member, record?.primary ?? one.primary);
      }));

    it('promotes nobody beside one that may write', () =>
      check((one, { actions }) => {
        const promoted = actions.find(({ kind }) => kind === 'promote');
        if (promoted === undefined || !('member' in promoted)) return;
        for (const other of one.members.filter(({ name, pod }) => name !== promoted.member && pod?.ended === false)) {
          const { kind, view, harmlessSince, since } = other.report ?? report({});
          assert.ok(!(kind === 'seen' && view?.writable === true), `${other.name} writes`);
          assert.ok(harmlessSince !== undefined || NOW - since >= 7000, `${other.name} may write`);
        }
      }));

    const chosenBy = (one: TopologyInput, { record }: TopologyDecision): Member | undefined =>
      one.members.find(({ name }) => name === record?.primary);

    it('records nobody that does not answer, is broken, or has to go', () =>
      check((one, decision) => {
        const chosen = chosenBy(one, decision);
        if (chosen === undefined) return;
        assert.equal(chosen.report?.kind, 'seen');
        assert.ok(chosen.wanted && chosen.pod?.terminating === false && chosen.report.view?.broken === undefined);
      }));

    it('records nobody that another who answers is ahead of', () =>
      check((one, decision) => {
        const chosen = chosenBy(one, decision);
        if (chosen === undefined) return;
        const rivals = one.members.filter(
          ({ name, report: theirs, pod }) =>
            name !== one.primary && pod !== undefined && theirs?.kind === 'seen' && theirs.view?.broken === undefined,
        );
        for (const rival of rivals)
          assert.notEqual(
            compare(rival.report?.view?.position ?? '', chosen.report?.view?.position ?? ''),
            'ahead',
            rival.name,
          );
      }));

    it('never ends or clones anew the primary that is recorded and takes writes', () =>
      check((one, { actions }) => {
        const primary = one.members.find(({ name }) => name === one.primary);
        if (primary?.report?.kind !== 'seen' || primary.report.view?.writable !== true || primary.pod === undefined)
          return;
        const harmed = actions.filter((action) => 'member' in action && action.member === one.primary);
        assert.deepEqual(harmed, []);
      }));

    it('clones at most one anew, and looks again while something is to be done', () =>
      check((_, { actions, record, requeueMs }) => {
        assert.ok(actions.filter(({ kind }) => kind === 'reseed').length <= 1);
        if (actions.length > 0 || record !== undefined) assert.notEqual(requeueMs, undefined);
      }));
  });
});
