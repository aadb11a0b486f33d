/**
 * `npx node tools/make-certificates.ts FOLDER HOST…`: a CA and a certificate for a webhook that is run by hand, as serve reads them with
 * --cert-dir: tls.crt, tls.key, and ca.crt for the caBundle. For development only; nothing made here belongs in a commit.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hostNames, issue } from '../src/server/issuer.ts';

const [folder, ...hosts] = process.argv.slice(2);
if (folder === undefined || folder.startsWith('-') || hosts.length === 0) {
  process.stderr.write(
    'Usage: npx node tools/make-certificates.ts FOLDER HOST…\n\nHOST is a DNS name or an address.\n',
  );
  process.exitCode = 2;
} else {
  const { ca, leaf } = await issue({ hosts: hostNames(hosts), now: Date.now(), caDays: 365, leafDays: 90 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = { 'ca.crt': ca.cert, 'tls.crt': leaf.cert, 'tls.key': leaf.key };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
  }
  process.stdout.write(`${path.join(folder, 'tls.crt')} for ${hostNames(hosts).join(', ')}
start:     database-operator serve --cert-dir ${folder}
caBundle:  base64 < ${path.join(folder, 'ca.crt')} | tr -d '\\n'
`);
}
