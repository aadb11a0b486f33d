/** What is in the image, as CycloneDX, and the licences that come with it. */
import type { BundledPackage } from './bundle.ts';

export interface Contents {
  readonly version: string;
  readonly nodeVersion: string;
  readonly packages: readonly BundledPackage[];
  /** Paths of shared libraries with the digests of their contents. */
  readonly libraries: readonly { readonly path: string; readonly sha256: string }[];
}

/** JSON text. Without a serial number and a date: the same contents have the same bill. */
export function sbom({ version, nodeVersion, packages, libraries }: Contents): string {
  const components = [
    { type: 'platform', name: 'node', version: nodeVersion, purl: `pkg:generic/node@${nodeVersion}` },
    ...packages.map((one) => ({
      type: 'library',
      name: one.name,
      version: one.version,
      purl: `pkg:npm/${one.name.replace('@', '%40')}@${one.version}`,
      licenses: [{ expression: one.license }],
    })),
    ...libraries.map(({ path, sha256 }) => ({
      type: 'file',
      name: path,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
    })),
  ];
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name: 'database-operator', version, licenses: [{ expression: 'Apache-2.0' }] },
    },
    components,
  };
  return `${JSON.stringify(bill, null, 1)}\n`;
}

/** Licence texts of everything that was bundled; equal ones once. */
export function licenses(own: string, packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, license, licenseText } of packages) {
    const text = licenseText?.trim() ?? `(${license}; the package ships no text)`;
    byText.set(text, [...(byText.get(text) ?? []), `${name}@${version} (${license})`]);
  }
  const sections = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return [`database-operator (Apache-2.0)\n\n${own.trim()}\n`, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}
