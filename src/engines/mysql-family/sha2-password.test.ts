import assert from 'node:assert/strict';
import { isSha2PasswordOf, nativePassword, saltOf, sha2Password } from './sha2-password.ts';

describe('hashes of MySQL', () => {
  it('are SHA-crypt: the first vector of its author', () => {
    const hash = sha2Password('Hello world!', 'saltstring', 5);
    assert.equal(hash, '$A$005$saltstring5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5');
  });

  it('knows its own again and no other', () => {
    const hash = sha2Password('päss', saltOf(Buffer.alloc(20, 7)));
    assert.equal(hash.length, 7 + 20 + 43);
    assert.ok(isSha2PasswordOf(hash, 'päss'));
    assert.ok(!isSha2PasswordOf(hash, 'pass'));
    assert.ok(!isSha2PasswordOf('', 'pass'));
    assert.ok(!isSha2PasswordOf(hash.replace('$A$005$', '$A$FFF$'), 'päss'));
  });

  it('has the older hash as well', () => {
    assert.equal(nativePassword('password'), '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
  });
});
