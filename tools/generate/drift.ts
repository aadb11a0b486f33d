/** Files whose text is not what the generators would write, in the generators' order. A missing file differs. */
export const drifted = (
  outputs: ReadonlyMap<string, string>,
  read: (file: string) => string | undefined,
): readonly string[] => [...outputs].filter(([file, text]) => read(file) !== text).map(([file]) => file);
