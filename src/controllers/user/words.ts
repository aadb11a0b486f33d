/** What a server said, for a status. Without its address, which may be another each time; at most 500 characters. */
export const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : 'no answer')
    .replace(/\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?/g, 'its address')
    .slice(0, 500);
