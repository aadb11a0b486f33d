/** What a process uses, from /proc: Linux only. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface ProcessFigures {
  /** Resident memory, MiB: all of it, and the part that is no page of a file. */
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  /** User and system time so far, seconds; clock ticks are 1/100 s on Linux. */
  readonly cpuSeconds: number;
  readonly descriptors: number;
  readonly sockets: number;
}

export async function figuresOf(pid: number): Promise<ProcessFigures> {
  const [status, stat, descriptors] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readdir(`/proc/${pid}/fd`),
  ]);
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const mebibytes = (name: string): number =>
    Number((Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024).toFixed(1));
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return {
    residentMiB: mebibytes('VmRSS'),
    anonymousMiB: mebibytes('RssAnon'),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    descriptors: descriptors.length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
  };
}
