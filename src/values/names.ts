/**
 * Names as Kubernetes takes them. Each check answers undefined when the name is good, else apimachinery's wording, to
 * which a caller adds the remedy.
 */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1123Label = new RegExp(`^${label}$`);
const dns1035Label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const labelValueForm = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const qualifiedPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

export const labelLength = 63;
export const subdomainLength = 253;

/** Longest Database name: a CronJob adds 11 characters to `<name>-backup`, and its pods 6 more, within 63. */
export const longestDatabaseName = 45;

const tooLong = (length: number): string => `must be no more than ${length} characters`;

export function dns1123LabelFault(name: string): string | undefined {
  if (name.length > labelLength) return tooLong(labelLength);
  if (dns1123Label.test(name)) return undefined;
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name', or '123-abc')";
}

export function dns1035LabelFault(name: string): string | undefined {
  if (name.length > labelLength) return tooLong(labelLength);
  if (dns1035Label.test(name)) return undefined;
  return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name', or 'abc-123')";
}

/** Object names of most kinds, Secrets among them. */
export function dns1123SubdomainFault(name: string): string | undefined {
  if (name.length > subdomainLength) return tooLong(subdomainLength);
  if (name.split('.').every((part) => dns1123Label.test(part))) return undefined;
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')";
}

export function labelValueFault(value: string): string | undefined {
  if (value.length > labelLength) return tooLong(labelLength);
  if (labelValueForm.test(value)) return undefined;
  return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', or 'my_value', or '12345')";
}

/** Keys of labels and annotations: `[prefix/]name`. */
export function qualifiedNameFault(key: string): string | undefined {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash === 0) return 'prefix part must be non-empty';
  if (slash > 0) {
    const fault = dns1123SubdomainFault(key.slice(0, slash));
    if (fault !== undefined) return `prefix part ${fault}`;
  }
  if (name === '') return 'name part must be non-empty';
  if (name.length > labelLength) return `name part ${tooLong(labelLength)}`;
  if (qualifiedPart.test(name)) return undefined;
  return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc')";
}

/** Characters that remain for a name once the longest thing derived from it has taken its suffix. */
export const nameBudget = (suffixes: readonly string[], most = labelLength): number =>
  most - Math.max(0, ...suffixes.map((suffix) => suffix.length));

export interface SafeIdentifierRules {
  readonly maxLength: number;
  /** Lower-case exact names. */
  readonly reserved: readonly string[];
  /** Lower-case prefixes. */
  readonly reservedPrefixes: readonly string[];
}

/**
 * A database or user name made from an object's name: lower case, `_` for anything else, a letter in front, `db_` before
 * what the engine reserves. Deterministic; two names may come out the same (they live in different servers).
 */
export function makeSafeIdentifier(name: string, rules: SafeIdentifierRules): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const startsWell = /^[a-z]/.test(plain);
  const isReserved =
    rules.reserved.includes(plain) || rules.reservedPrefixes.some((prefix) => plain.startsWith(prefix));
  const safe = startsWell && !isReserved ? plain : `db_${plain}`;
  return safe.slice(0, rules.maxLength).replace(/_$/, '');
}
