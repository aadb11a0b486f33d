/** Go's own ways with text that show in the messages Kubernetes gives: quoting and splitting on white space. */

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');

/** strconv.Quote: printable characters stay, the rest are escaped. */
export function quote(text: string): string {
  const escaped = Array.from(text.toWellFormed(), (character) => {
    const known = short[character];
    if (known !== undefined) return known;
    if (/[ \p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${escaped.join('')}"`;
}

/** The time package's quoting: every byte outside printable ASCII as `\xNN`. */
export function quoteBytes(text: string): string {
  const escaped = Array.from(new TextEncoder().encode(text), (byte) => {
    if (byte < 0x20 || byte >= 0x80) return `\\x${hex(byte, 2)}`;
    const character = String.fromCharCode(byte);
    return character === '"' || character === '\\' ? `\\${character}` : character;
  });
  return `"${escaped.join('')}"`;
}

/** strings.Fields: unlike `\s` it knows U+0085 and does not know U+FEFF. */
export function fields(text: string): string[] {
  return text
    .split(/[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/)
    .filter((part) => part !== '');
}
