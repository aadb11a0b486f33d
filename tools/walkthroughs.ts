/** Fenced blocks of a document. `yaml file=NAME` is a file that later commands use, `sh run` can be executed, in order. */

export interface Block {
  /** What stands behind the opening fence. */
  readonly info: string;
  readonly text: string;
  /** From 1: where the fence opens. */
  readonly line: number;
}

export function blocksOf(document: string): readonly Block[] {
  return [...document.matchAll(/^```([^\n`]+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: match[1] ?? '',
    text: match[2] ?? '',
    line: document.slice(0, match.index).split('\n').length,
  }));
}
