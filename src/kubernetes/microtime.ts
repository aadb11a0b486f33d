/** metav1.MicroTime. The API server wants exactly six fraction digits: `toISOString` has three and is answered with 400. */

/** `2026-11-20T10:11:12.123000Z` from milliseconds since the epoch. */
export const microTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('Z', '000Z');
