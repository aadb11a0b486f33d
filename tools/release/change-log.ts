/** What the change log says of a version. Headings are `## 1.2.3` or `## 1.2.3 (unreleased)`, the newest first. */

const sections = (log: string): readonly (readonly [heading: string, text: string])[] =>
  log
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section] as const);

export const isUnreleased = (log: string, version: string): boolean =>
  sections(log).some(([heading]) => heading === `${version} (unreleased)`);

/** A version after this one says that it restarts pods. */
export function restartsPodsSince(log: string, version: string): boolean {
  const all = sections(log);
  const at = all.findIndex(([heading]) => heading.split(' ')[0] === version);
  return all.slice(0, Math.max(0, at)).some(([, text]) => /^- \*\*Restarts pods\*\*/m.test(text));
}
