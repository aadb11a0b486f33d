/** What is done to a server from outside its pod, on the node of the cluster beside the repository. */
import type { Cluster, Json } from '../cluster.ts';

/** Processes of that name in the pod, oldest first: numbers of the node. The first is the server, others its children. */
export async function processesOf(cluster: Cluster, pod: Json, name: string): Promise<readonly number[]> {
  const script = 'for p in $(pgrep -x "$1"); do grep -q "pod$2" "/proc/$p/cgroup" && echo "$p"; done; true';
  const text = await cluster.node(['sh', '-c', script, 'sh', name, pod.metadata.uid]);
  const pids = text.split('\n').filter(Boolean).map(Number);
  if (pids.length === 0) throw new Error(`no process ${name} in pod ${pod.metadata.name}`);
  return pids;
}

/** Those that have ended meanwhile are passed over. */
export async function signal(cluster: Cluster, name: 'KILL' | 'STOP' | 'CONT', pids: readonly number[]): Promise<void> {
  await cluster.node([
    'sh',
    '-c',
    'signal=$1; shift; kill -"$signal" "$@" 2>/dev/null; true',
    'sh',
    name,
    ...pids.map(String),
  ]);
}

export interface Cut {
  /** By address: the pod that had it may be gone by now, and another get it. */
  heal(): Promise<void>;
}

/**
 * Cuts a pod off from pods, Services, DNS and the API. The node itself still reaches it, with it the operator that runs
 * there, unless `operatorToo`: then nothing of the node reaches the database's port (probes run inside the pod).
 */
export async function cutOff(cluster: Cluster, address: string, port: number, operatorToo: boolean): Promise<Cut> {
  const mark = `-m comment --comment e2e-${address}`;
  const rules = [
    `-t raw PREROUTING -s ${address} -m addrtype ! --dst-type LOCAL ${mark} -j DROP`,
    `-t mangle POSTROUTING -d ${address} -m addrtype ! --src-type LOCAL ${mark} -j DROP`,
    ...(operatorToo ? [`-t raw OUTPUT -d ${address} -p tcp --dport ${port} ${mark} -j DROP`] : []),
  ];
  const script = (verb: string): string =>
    rules.map((rule) => `iptables -w ${rule.replace(/^(-t \w+) (\w+)/, `$1 ${verb} $2`)}`).join('; ');
  await cluster.node(['sh', '-ec', script('-I')]);
  return {
    heal: async () => {
      await cluster.node(['sh', '-c', script('-D')]);
    },
  };
}
