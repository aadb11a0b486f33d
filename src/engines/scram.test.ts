import assert from 'node:assert/strict';
import { isVerifierOf, scramKeys, scramVerifier } from './scram.ts';

describe('SCRAM-SHA-256', () => {
  it('has the keys of RFC 7677', () => {
    const { storedKey, serverKey } = scramKeys('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);
    assert.equal(storedKey.toString('base64'), 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=');
    assert.equal(serverKey.toString('base64'), 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=');
  });

  it('makes verifiers that it knows again, whatever the salt', () => {
    const verifier = scramVerifier('p$:w', Buffer.from('0123456789abcdef'));
    assert.match(verifier, /^SCRAM-SHA-256\$4096:[^$]+\$[^:]+:.+$/);
    assert.ok(isVerifierOf(verifier, 'p$:w'));
  });

  const no: readonly (readonly [string, string])[] = [
    ['another password', scramVerifier('other', Buffer.from('0123456789abcdef'))],
    ['none', ''],
    ['an MD5 hash', 'md5b80fd9af21b0a1a9f8fb1b8a5c8e8a0d'],
    ['one whose work would take minutes', 'SCRAM-SHA-256$9999999:AAAA$AAAA:AAAA'],
  ];
  for (const [title, verifier] of no) it(`does not take ${title}`, () => assert.ok(!isVerifierOf(verifier, 'secret')));

  it('prepares what people type as servers do', () => {
    const salt = Buffer.from('0123456789abcdef');
    assert.ok(isVerifierOf(scramVerifier('a b', salt), 'a b'));
    assert.ok(isVerifierOf(scramVerifier('ﬁ', salt), 'fi'));
  });
});
