/** How to reach an API server and prove who one is. */

/** What one connection and one request need; PEM text, and the whole `Authorization` header. */
export interface Credentials {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
  readonly authorization?: string;
  /** Impersonation and the like. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Connection {
  /** `https://10.0.0.1:443`, possibly with a path prefix and without a slash at the end. */
  readonly server: string;
  /** Namespace of the context or of the pod. */
  readonly namespace: string | undefined;
  /** For logs: `in-cluster`, or the kubeconfig's path and context. */
  readonly source: string;
  readonly proxyUrl?: string;
  /** Cached for 60 s; `fresh` reads again, e.g. after 401. */
  credentials(options?: { readonly fresh?: boolean }): Promise<Credentials>;
}
