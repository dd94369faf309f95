import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { leadsElsewhere } from '../../../server/src/util/linksElsewhere';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('links');
const at = (...names: string[]) => path.join(folder, ...names);
const skip = process.platform === 'win32' ? 'links need a privilege on Windows' : false;

test('a link to another machine is seen wherever on the way it stands, before it is followed', { skip }, async () => {
  mkdirSync(at('real'));
  writeFileSync(at('real/a.png'), '');
  symlinkSync('\\\\evil\\share', at('away'));
  symlinkSync('//evil/share/a.png', at('away.png'));
  symlinkSync('away', at('twice'));
  symlinkSync('real', at('near'));
  symlinkSync(at('real/a.png'), at('near.png'));
  symlinkSync('around', at('around'));
  symlinkSync('../twice/x', at('real/deep'));
  for (const name of ['away', 'away/a.png', 'away.png', 'twice/b/c.png', 'near/deep/a.png', 'around/a.png']) {
    assert.equal(await leadsElsewhere(at(name), true), true, name);
  }
  for (const name of ['real/a.png', 'near/a.png', 'near.png', 'missing/a.png', 'real/a.png/below']) {
    assert.equal(await leadsElsewhere(at(name), true), false, name);
  }
  assert.equal(await leadsElsewhere(at('away.png'), false), false, 'where a link cannot lead there, nothing is asked');
});
