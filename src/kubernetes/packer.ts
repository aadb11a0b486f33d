/**
 * Objects as a few bytes. What a Database becomes differs from what the next one becomes in names, uids and passwords: as
 * JSON, deflated with one of its family as the dictionary, 60 KB of objects are 2.5 KB, and nothing of them is lost
 * (docs/adr/0021-caches-are-packed.md). The bytes are a string, because the engine keeps a string in one piece with 16 bytes
 * around it, and moves it when memory is tidied.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { KubernetesObject } from '../api/object.ts';

export interface Packer {
  /** Bytes as characters 0 to 255; only this packer can read them. */
  pack(object: KubernetesObject): string;
  /** A fresh copy at each call. */
  unpack(packed: string): KubernetesObject;
}

export interface PackerOptions {
  /** Objects of one family look alike. Default: all of them. */
  readonly familyOf?: (object: KubernetesObject) => string;
}

/** Deflate looks back 32 KiB: longer texts are cut, and each piece is given what stands around there in the dictionary. */
const PIECE = 16 * 1024;
const AROUND = 8 * 1024;
const LONGEST_DICTIONARY = 128 * 1024;
/** Dictionaries are never dropped, since what was packed with them needs them: so their number is limited. */
const MOST_OF_A_FAMILY = 4;
const MOST = 200;
/** Packed to more than a third, and long enough to care: the dictionary is not one of its kind. */
const isPoor = (packed: string, text: Buffer): boolean => text.length > 512 && packed.length * 3 > text.length;

interface Family {
  readonly dictionaries: number[];
}

const pieceOf = (dictionary: Buffer, at: number): Buffer =>
  dictionary.subarray(Math.max(0, at - AROUND), at + PIECE + AROUND);
/** Small, as most results are: the library's own 16 KiB for each call would be collected in vain. */
const chunkSize = 2048;

function deflate(text: Buffer, dictionary: Buffer, number: number): string {
  const parts = [Buffer.of(number)];
  for (let at = 0; at < text.length; at += PIECE) {
    const piece = pieceOf(dictionary, at);
    const bytes = deflateRawSync(text.subarray(at, at + PIECE), {
      chunkSize,
      memLevel: 5,
      ...(piece.length > 0 && { dictionary: piece }),
    });
    parts.push(Buffer.of(bytes.length >> 8, bytes.length & 255), bytes);
  }
  // All at once: strings that are put together stay a tree of their parts.
  return Buffer.concat(parts).toString('latin1');
}

function inflate(packed: Buffer, dictionary: Buffer): string {
  const pieces: Buffer[] = [];
  for (let from = 1; from < packed.length;) {
    const length = packed.readUInt16BE(from);
    const piece = pieceOf(dictionary, pieces.length * PIECE);
    const bytes = packed.subarray(from + 2, from + 2 + length);
    pieces.push(inflateRawSync(bytes, { chunkSize, ...(piece.length > 0 && { dictionary: piece }) }));
    from += 2 + length;
  }
  return (pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)).toString();
}

export function createPacker({ familyOf = () => '' }: PackerOptions = {}): Packer {
  const nothing = Buffer.alloc(0);
  // Used again and again: buffers of 40 KB that are thrown away make the process larger by as much as all caches.
  let scratch = Buffer.alloc(PIECE);
  const written = (json: string): Buffer => {
    const length = Buffer.byteLength(json);
    if (length > scratch.length) scratch = Buffer.alloc(length * 2);
    return scratch.subarray(0, scratch.write(json));
  };
  // Number 0 is the empty one, for when there may be no more.
  const dictionaries: Buffer[] = [nothing];
  const families = new Map<string, Family>();

  const familyNamed = (name: string): Family => {
    const family = families.get(name) ?? { dictionaries: [] };
    families.set(name, family);
    return family;
  };
  const learn = (family: Family, text: Buffer): number | undefined => {
    const isFull = family.dictionaries.length === MOST_OF_A_FAMILY || dictionaries.length > MOST;
    if (isFull || text.length > LONGEST_DICTIONARY) return undefined;
    family.dictionaries.push(dictionaries.length);
    return dictionaries.push(Buffer.from(text)) - 1;
  };
  const packWith = (number: number, text: Buffer): string => deflate(text, dictionaries[number] ?? nothing, number);

  return {
    pack(object) {
      const text = written(JSON.stringify(object));
      const family = familyNamed(familyOf(object));
      const packed = packWith(family.dictionaries.at(-1) ?? 0, text);
      if (family.dictionaries.length > 0 && !isPoor(packed, text)) return packed;
      const number = learn(family, text);
      return number === undefined ? packed : packWith(number, text);
    },
    unpack(packed) {
      const dictionary = dictionaries[packed.charCodeAt(0)] ?? nothing;
      return JSON.parse(inflate(Buffer.from(packed, 'latin1'), dictionary)) as KubernetesObject;
    },
  };
}
