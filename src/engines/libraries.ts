/**
 * The databases' client libraries, loaded by whoever needs one first. They are CommonJS: Node finds the names that they
 * export, but where the program is bundled, as in the image, a package that is imported lazily has them under `default` only.
 */
const named = <Library extends object>(library: Library): Library =>
  Object.keys(library).length > 1 ? library : (library as { readonly default: Library }).default;

export const loadIoredis = async (): Promise<Pick<typeof import('ioredis'), 'Redis'>> =>
  named<Pick<typeof import('ioredis'), 'Redis'>>(await import('ioredis'));
export const loadMysql = async (): Promise<typeof import('mysql2/promise')> => named(await import('mysql2/promise'));
export const loadMongodb = async (): Promise<typeof import('mongodb')> => named(await import('mongodb'));
export const loadPg = async (): Promise<(typeof import('pg'))['default']> => (await import('pg')).default;
