/**
 * How full a member's volume is. Only who mounts it can tell, so the boot scripts look by `df` every half minute, and the
 * drivers fetch what they wrote down (docs/adr/0012). One line: seconds since the epoch, KiB in use, KiB in all.
 */
export interface VolumeUse {
  readonly usedBytes: number;
  /** What is used and what can still be; some file systems keep a part for themselves. */
  readonly sizeBytes: number;
  /** Seconds since this was so, by the member's own clock. */
  readonly ageSeconds: number;
}

/** Shell function: prints that line, or nothing. `volume` is the directory on which the volume is mounted. */
export const measureVolume = String.raw`
measure_volume() {
  df -Pk "$volume" 2>/dev/null | {
    read -r header
    read -r device blocks used free rest
    [ -z "${'$'}{free:-}" ] || printf '%s %s %s\n' "$(date +%s)" "$used" "$((used + free))"
  }
}
`;

/** `nowSeconds` by the clock of the member. Undefined: it has not been written yet, or is being written. */
export function volumeUse(line: string, nowSeconds: number): VolumeUse | undefined {
  const [at, used, size] = (/^(\d{1,12}) (\d{1,15}) (\d{1,15})\s*$/.exec(line) ?? []).slice(1).map(Number);
  if (at === undefined || used === undefined || size === undefined || size === 0) return undefined;
  return { usedBytes: used * 1024, sizeBytes: size * 1024, ageSeconds: Math.max(0, nowSeconds - at) };
}
