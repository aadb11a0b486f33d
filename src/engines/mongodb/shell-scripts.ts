/**
 * What the boot script and the probes run in MongoDB's shell: mongosh, or `mongo` in images before 6.0, which is why this
 * is plain old JavaScript. Passwords are read from files, so neither an argument nor the environment holds them.
 */
import { credentialsDirectory } from '../mounts.ts';
import { monitorUser, port, stateDirectory, superuser } from './paths.ts';

const prelude = `const read = typeof require === 'function' ? (path) => require('fs').readFileSync(path, 'utf8') : cat;
const password = (name) => read('${credentialsDirectory}/' + name).replace(/\\n+$/, '');
const fail = (text) => {
  print(text);
  quit(1);
};
const connect_ = () => {
  try {
    return new Mongo('127.0.0.1:${port}').getDB('admin');
  } catch (error) {
    return fail('no connection yet');
  }
};
const login = (admin, user, file) => {
  try {
    return Boolean(admin.auth(user, password(file)));
  } catch (error) {
    return false;
  }
};
`;

/** Run again and again until the server is primary of its own set of one and has its users. `names` is put before it. */
const begin = `${prelude}
const admin = connect_();
const isRoot = login(admin, '${superuser}', 'superuser-password');
const hello = admin.runCommand({ isMaster: 1 });
if (!hello.setName) {
  const reply = admin.runCommand({
    replSetInitiate: {
      _id: names.set,
      members: [{ _id: 0, host: names.host }],
      settings: { electionTimeoutMillis: 4000, heartbeatTimeoutSecs: 4 },
    },
  });
  fail(reply.ok === 1 ? 'begun, waiting for the election' : reply.errmsg);
}
if (!hello.ismaster) fail('not primary yet');
if (!isRoot) {
  admin.createUser({ user: '${superuser}', pwd: password('superuser-password'), roles: ['root'] });
  if (!login(admin, '${superuser}', 'superuser-password')) fail('the superuser can not log in');
}
const ensure = (database, user, file, roles) => {
  if (!database.getUser(user)) database.createUser({ user: user, pwd: password(file), roles: roles });
};
ensure(admin, '${monitorUser}', 'monitor-password', [
  { role: 'clusterMonitor', db: 'admin' },
  { role: 'read', db: 'local' },
]);
ensure(admin.getSiblingDB(names.database), names.user, 'password', [{ role: 'dbOwner', db: names.database }]);
// As every server from 5.0 on: a write is confirmed when a majority has it.
admin.runCommand({ setDefaultRWConcern: 1, defaultWriteConcern: { w: 'majority', wtimeout: 0 } });
`;

/** Ready: primary or secondary. A member that copies its data, recovers or is not in the set yet is not. */
const ready = `${prelude}
const hello = connect_().runCommand({ isMaster: 1 });
quit(hello.ismaster || hello.secondary ? 0 : 1);
`;

const live = `${prelude}
quit(connect_().runCommand({ ping: 1 }).ok === 1 ? 0 : 1);
`;

const probe = (file: string, unless: string): string => `#!/bin/sh
${unless}
shell=$(command -v mongosh || command -v mongo) || exit 1
HOME=/tmp exec "$shell" --quiet --nodb "$(dirname "$0")/${file}" >/dev/null 2>&1
`;

const notRunning = `[ "$(cat ${stateDirectory}/phase 2>/dev/null)" = running ]`;

/** By file name. */
export const shellScripts: Readonly<Record<string, string>> = {
  'begin.js': begin,
  'ready.js': ready,
  'live.js': live,
  'ready.sh': probe('ready.js', `${notRunning} || exit 1`),
  'live.sh': probe('live.js', `${notRunning} || exit 0`),
};
