/** The source of the serving certificate that the flags ask for, with its metrics and log lines. */
import type { CertificateSource, HolderHooks } from '../server/certificates.ts';
import type { Kit } from './kit.ts';

export async function startCertificates(kit: Kit): Promise<CertificateSource> {
  const { config, clock, logger, metrics } = kit;
  const hooks: HolderHooks = {
    onRead: () => metrics.certificates.read(),
    onError: (problem) => {
      metrics.certificates.readError();
      logger.error({ problem }, 'the certificate is not usable');
    },
    onSwap: (certificate) => {
      metrics.certificates.notAfter(certificate === undefined ? 0 : Math.floor(certificate.notAfter / 1000));
      const { serial, notAfter } = certificate ?? {};
      logger.info({ serial, notAfter: notAfter && new Date(notAfter).toISOString() }, 'serving certificate changed');
    },
  };
  if (config.tls === 'selfsigned') return selfSigned(kit, hooks);
  const { watchCertificateFiles } = await import('../server/certificate-files.ts');
  return watchCertificateFiles({ directory: config.certDir ?? '.', clock, hooks });
}

async function selfSigned(kit: Kit, hooks: HolderHooks): Promise<CertificateSource> {
  const { config, clock, logger, cluster } = kit;
  const [{ startSelfSigned }, { hostNames, issueInChild }, stores] = await Promise.all([
    import('../server/selfsigned.ts'),
    import('../server/issuer.ts'),
    import('../server/selfsigned-store.ts'),
  ]);
  const name = config.webhookConfiguration;
  const random = Math.random;
  const store =
    config.certDir !== undefined
      ? stores.folderStateStore(config.certDir)
      : cluster !== undefined
        ? stores.secretStateStore({ ...cluster, name: `${name}-selfsigned`, clock, random })
        : stores.memoryStateStore();
  const publisher =
    cluster &&
    (await import('../server/ca-bundle.ts')).startPublisher({
      client: cluster.client,
      clock,
      random,
      logger,
      name,
      keepOthers: store.kind !== 'secret',
    });
  return startSelfSigned({
    store,
    issue: issueInChild(kit.surroundings.program),
    hosts: hostNames(config.webhookHosts),
    clock,
    logger,
    hooks,
    ...(publisher && { publisher }),
  });
}
