/** Resource versions are decimal numbers that grow with every write (KEP-5504); anything else compares as neither older nor newer. */

export function isOlder(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return BigInt(version) < BigInt(than);
}
