/** A kubeconfig with one cluster and one user, as YAML that is also JSON. */
export type Credentials = { readonly certificate: string; readonly key: string } | { readonly token: string };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function renderKubeconfig(url: string, caPem: string, credentials: Credentials): string {
  const user =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        };
  const name = 'control-plane';
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(caPem) } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    },
    undefined,
    2,
  )}\n`;
}
