/** Connection strings. Every part is percent-encoded, so that a password can't end the part it stands in. */

/** encodeURIComponent leaves !'()* alone, some of which shells and client libraries stumble over. */
export const encodePart = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export interface UriParts {
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** `scheme://username:password@host:port/database`. The host is a DNS name. */
export const connectionUri = (scheme: string, parts: UriParts): string =>
  `${scheme}://${encodePart(parts.username)}:${encodePart(parts.password)}` +
  `@${parts.host}:${parts.port}/${encodePart(parts.database)}`;
