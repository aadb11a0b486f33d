/** Names and texts in statements. What comes from a person or from a server's catalogue passes through here. */

/** `"name"`; throws on what no name can hold. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new Error('a name is empty or holds a NUL');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Right whatever standard_conforming_strings says. */
export function literal(text: string): string {
  if (text.includes('\0')) throw new Error('a text holds a NUL');
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}
