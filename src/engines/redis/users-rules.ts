/** What privileges mean in an access control list, and whether a user is as it should be. Pure. */
import type { Privilege } from '../../api/types.generated.ts';
import { sha256 } from '../hashes.ts';
import type { WantedUser } from '../users.ts';
import { applicationCommands, olderClientCommands } from './boot-config.ts';

/** Keys, channels and commands that go together. */
export interface Permission {
  readonly keys: string;
  readonly channels: string;
  readonly commands: readonly string[];
}

export interface WantedAcl {
  readonly passwords: readonly string[];
  /** The first is the user's own, the others are selectors (7.0). */
  readonly permissions: readonly Permission[];
  readonly unsupported: readonly string[];
}

/** 7.0: selectors, and rules are kept as they were given. */
export const selectors = 70_000;
const channelRules = 60_200;

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

function presetCommands(preset: NonNullable<Privilege['preset']>, version: number): readonly string[] {
  const scripts =
    version >= selectors
      ? '+eval +evalsha +eval_ro +evalsha_ro +fcall +fcall_ro +script|load +script|exists'
      : '+eval +evalsha';
  const sort = version >= selectors ? ' +sort_ro' : '';
  const older = version >= selectors ? '' : ` ${olderClientCommands}`;
  const owner = `${applicationCommands}${sort}${older}`;
  const presets = {
    readonly: `-@all +@read +@connection +@transaction -@dangerous +info +keys${sort}${older}`,
    readwrite: `-@all +@read +@write +@connection +@transaction +@pubsub -@dangerous -function ${scripts} +info +keys +sort${sort}${older}`,
    owner,
    admin: `${owner} +flushall +client +slowlog +latency +memory +save +bgsave +bgrewriteaof +lastsave`,
  };
  const commands = presets[preset].replace(version >= selectors ? '' : ' -function', '');
  return words(commands);
}

/** Neither the keys of others nor their names, their scripts or their channels. */
const tenantCommands = (version: number): readonly string[] =>
  words(
    `+@all -@dangerous -@admin -scan -randomkey -dbsize -pubsub +info ${
      version >= selectors ? '-function -script|flush -script|kill' : `-script ${olderClientCommands}`
    }`,
  );

/** `GET`, `+get`, `@read` and `-@write` as the server writes them. A channel (`&news:*`) is no command. */
function grantCommands(grant: readonly string[]): readonly string[] {
  const rules = grant
    .filter((right) => !/^[&~]/.test(right))
    .map((right) =>
      (/^[+-]/.test(right) ? right : right.toUpperCase() === 'ALL' ? '+@all' : `+${right}`).toLowerCase(),
    );
  return ['-@all', '+@connection', '-@dangerous', ...rules];
}

const permissionOf = ({ preset, grant = [], keyPattern }: Privilege, version: number): Permission => ({
  keys: `~${keyPattern ?? '*'}`,
  channels:
    preset === 'readonly' ? '' : preset === undefined ? (grant.find((right) => right.startsWith('&')) ?? '') : '&*',
  commands: preset === undefined ? grantCommands(grant) : presetCommands(preset, version),
});

export function wantedAcl({ login, previous, privileges, home }: WantedUser, version: number): WantedAcl {
  const passwords = [sha256(login.password), ...(previous?.sha256 === undefined ? [] : [previous.sha256])].sort();
  const own: readonly Permission[] =
    home === undefined ? [] : [{ keys: `~${home}:*`, channels: `&${home}:*`, commands: tenantCommands(version) }];
  const all = [...own, ...privileges.map((privilege) => permissionOf(privilege, version))].map((one) => ({
    ...one,
    channels: version >= channelRules ? one.channels : '',
    commands: lastOfEach(one.commands),
  }));
  if (version >= selectors || all.length < 2) return { passwords, permissions: all, unsupported: [] };
  const [first, ...rest] = all as [Permission, ...Permission[]];
  const fitting = rest.filter(({ keys, channels }) => keys === first.keys && channels === first.channels);
  const more = fitting.flatMap(({ commands }) => commands.filter((command) => command !== '-@all'));
  return {
    passwords,
    permissions: [{ ...first, commands: lastOfEach([...first.commands, ...more]) }],
    unsupported:
      fitting.length === rest.length
        ? []
        : ['rights that differ by keyPattern: they take Redis 7.0 or a user for each'],
  };
}

/** The server keeps a rule that is repeated where it stands last; rules before one for all commands count for nothing. */
function lastOfEach(commands: readonly string[]): readonly string[] {
  const from = Math.max(0, ...commands.map((command, index) => (command.endsWith('@all') ? index : 0)));
  const bare = (command: string): string => command.slice(1);
  const rest = commands.slice(from);
  return rest.filter((command, index) => !rest.slice(index + 1).some((later) => bare(later) === bare(command)));
}

const ruleWords = ({ keys, channels, commands }: Permission): readonly string[] => [
  keys,
  ...(channels === '' ? [] : [channels]),
  ...commands,
];

/** Arguments of ACL SETUSER after the name. All at once: there is no moment in between. */
export function rulesOf({ passwords, permissions: [first, ...rest] }: WantedAcl): readonly string[] {
  return [
    'reset',
    'on',
    ...passwords.map((hash) => `#${hash}`),
    ...(first === undefined ? ['-@all', '+@connection', '-@dangerous'] : ruleWords(first)),
    ...rest.map((permission) => `(${ruleWords(permission).join(' ')})`),
  ];
}

type Reply = Readonly<Record<string, unknown>>;

/** ACL GETUSER answers names and values in turn. */
export function parseUser(reply: unknown): Reply | undefined {
  if (!Array.isArray(reply)) return undefined;
  return Object.fromEntries(
    Array.from({ length: reply.length / 2 }, (_, index) => [String(reply[2 * index]), reply[2 * index + 1] as unknown]),
  );
}

const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const joined = (value: unknown): string =>
  Array.isArray(value) ? value.join(' ') : typeof value === 'string' ? value : '';

/** All that the server says of a user, in one comparable text. */
export const shown = (user: Reply): string => JSON.stringify(user);

/** From 7.0 on: word by word what was asked for. */
export function isAsWanted(user: Reply, { passwords, permissions: [first, ...rest] }: WantedAcl): boolean {
  const flags = listed(user['flags']);
  if (!flags.includes('on') || flags.includes('nopass')) return false;
  if (listed(user['passwords']).toSorted().join() !== passwords.join()) return false;
  const given = (Array.isArray(user['selectors']) ? user['selectors'] : []) as readonly unknown[];
  const same = (one: Reply | undefined, permission: Permission): boolean =>
    joined(one?.['keys']) === permission.keys &&
    joined(one?.['channels']) === permission.channels &&
    joined(one?.['commands']) === permission.commands.join(' ');
  const none: Permission = { keys: '', channels: '', commands: ['-@all', '+@connection', '-@dangerous'] };
  return (
    same(user, first ?? none) &&
    given.length === rest.length &&
    rest.every((permission, index) => same(parseUser(given[index]), permission))
  );
}

/** Only what can be told for certain from what 6.x makes of rules. */
export const hasPasswords = (user: Reply, { passwords }: WantedAcl): boolean =>
  listed(user['passwords']).toSorted().join() === passwords.join() && listed(user['flags']).includes('on');
