/** Changes to a tree of plain JSON that know its structure: what a careless or malicious client could send. */
import type { Random } from './random.ts';
import { leaf, longText, nested, raw, render, word } from './values.ts';

type Node = Record<string, unknown> | unknown[];

interface Place {
  readonly parent: Node;
  readonly key: string;
  readonly value: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Even `__proto__` becomes an ordinary member, as JSON.parse makes it. */
function put(parent: Node, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Up to 400 places: more would only slow the search down. */
function placesIn(root: Node): readonly Place[] {
  const places: Place[] = [];
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node !== undefined && places.length < 400; node = waiting.pop()) {
    for (const key of Object.keys(node)) {
      const value = (node as Record<string, unknown>)[key];
      places.push({ parent: node, key, value });
      if (isNode(value)) waiting.push(value);
    }
  }
  return places;
}

interface Means {
  readonly random: Random;
  /** Another tree to take from. */
  readonly donor: Node;
  /** Field names of the schemas. */
  readonly names: readonly string[];
}

type Mutation = (place: Place, means: Means) => void;

const replace: Mutation = ({ parent, key }, { random }) => put(parent, key, leaf(random));

const remove: Mutation = ({ parent, key }) => {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
};

const addField: Mutation = ({ parent, value }, { random, names }) => {
  const name = random.chance(60) ? random.pick(names) : word(random);
  put(isNode(value) && !Array.isArray(value) ? value : parent, name, leaf(random));
};

const inflate: Mutation = ({ parent, key }, { random }) =>
  put(parent, key, random.chance(20) ? nested(random) : longText(random));

const twist: Mutation = ({ parent, key, value }, { random }) => put(parent, key, twisted(value, random));

const wrap: Mutation = ({ parent, key, value }, { random }) =>
  put(parent, key, random.pick([[value], { [word(random)]: value }, JSON.stringify(value), [value, value]]));

const rename: Mutation = ({ parent, key, value }, { random }) =>
  put(parent, Array.isArray(parent) ? key : word(random), value);

/** Many more items or members of the same sort. */
function grow({ parent, key, value }: Place, { random }: Means): void {
  const times = random.pick([2, 11, 70, 300, random.chance(10) ? 20_000 : 1000]);
  if (Array.isArray(value) && value.length > 0) {
    const item: unknown = random.pick(value);
    const small = JSON.stringify(item).length * times < 800_000;
    if (small)
      put(
        parent,
        key,
        Array.from({ length: times }, () => item),
      );
    return;
  }
  const item = typeof value === 'string' && value.length < 40 ? value : leaf(random);
  put(parent, key, Object.fromEntries(Array.from({ length: times }, (_, index) => [`k${index}`, item])));
}

/** The same value, slightly off. */
function twisted(value: unknown, random: Random): unknown {
  if (typeof value === 'number')
    return random.pick([value + 1, value - 1, -value, value + 0.5, String(value), value * 1e15]);
  if (typeof value === 'boolean') return random.pick([!value, String(value), Number(value)]);
  if (typeof value !== 'string') return leaf(random);
  const at = random.below(value.length + 1);
  return random.pick([
    value.slice(0, at) + word(random) + value.slice(at),
    value.slice(0, at) + value.slice(at + 1),
    value.toUpperCase(),
    `${value} `,
    value + value,
    Number(value),
    value.repeat(50),
  ]);
}

/** A subtree of another manifest: whole, and at a place where it means something else. */
function transplant({ parent, key }: Place, { random, donor }: Means): void {
  const from = placesIn(donor);
  const same = from.filter((other) => other.key === key);
  const other = random.pick(random.chance(70) && same.length > 0 ? same : from);
  put(parent, random.chance(50) ? key : other.key, JSON.parse(JSON.stringify(other.value)));
}

/** `{"a":1,"a":2}`: legal, and the last one counts. */
function duplicateKey({ parent, key, value }: Place, { random }: Means): void {
  if (Array.isArray(parent)) return;
  put(parent, key, raw(`${render(value)},${JSON.stringify(key)}:${render(leaf(random))}`));
}

/** Some twice: they find the most. */
const mutations: readonly Mutation[] = [
  replace,
  replace,
  replace,
  remove,
  addField,
  addField,
  grow,
  inflate,
  twist,
  transplant,
  transplant,
  duplicateKey,
  wrap,
  rename,
];

/** Changes `root` in place, once. */
export function mutate(root: Node, means: Means): void {
  const places = placesIn(root);
  if (places.length > 0) means.random.pick(mutations)(means.random.pick(places), means);
}
