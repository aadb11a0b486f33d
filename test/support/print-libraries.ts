/** Bundled and run by tools/image/libraries.test.ts: prints what the libraries give. */
import { loadIoredis, loadMongodb, loadMysql, loadPg } from '../../src/engines/libraries.ts';

const [{ Redis }, { MongoClient }, { createConnection }, { Client }] = await Promise.all([
  loadIoredis(),
  loadMongodb(),
  loadMysql(),
  loadPg(),
]);
process.stdout.write([Redis, MongoClient, createConnection, Client].map((value) => typeof value).join(' '));
