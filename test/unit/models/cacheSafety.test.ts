import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { openCache } from '../../../server/src/models/folders/cachePath';
import { checkCache, dangerAmong, type Trust } from '../../../server/src/models/folders/cacheSafety';
import { stepsTo, type Step } from '../../../server/src/models/folders/folderSteps';
import { failureOf, temporaryFolder } from '../../support/temporary';

const me = 1000;
const nobody = 65534;
const trust: Trust = { uid: me, alsoOn: new Map(), unknownUid: undefined, withoutModes: new Set() };

/** A place as `ls -l` shows it: owner, mode, and what else is said of it. */
function step(place: string, uid: number, mode: number, more: Partial<Step> = {}): Step {
  return { place, isLink: false, uid, gid: uid, mode, dev: 1, ...more };
}
const above = [step('/', 0, 0o755), step('/home', 0, 0o755), step('/home/ada', me, 0o750)];
const cache = (uid: number, mode: number, more: Partial<Step> = {}) => step('/home/ada/cache', uid, mode, more);
const dangerOf = (steps: readonly Step[], entries: readonly Step[] = [], who: Partial<Trust> = {}) => {
  const danger = dangerAmong(steps, entries, { ...trust, ...who });
  return danger === undefined ? undefined : `${danger.why} ${danger.place}`;
};

test('a folder of one’s own, or of root, that others cannot write to is safe', () => {
  for (const mode of [0o700, 0o755, 0o2755]) {
    assert.equal(dangerOf([...above, cache(me, mode)]), undefined);
    assert.equal(dangerOf([...above, cache(0, mode)]), undefined);
  }
  assert.equal(dangerOf([...above, cache(me, 0o775)]), undefined, 'the group of a single user');
  assert.equal(dangerOf([...above, cache(0, 0o775)]), undefined, 'the group of root');
});

test('one of another user, or that others may write to, is not', () => {
  assert.equal(dangerOf([...above, cache(nobody, 0o755)]), 'owner /home/ada/cache');
  assert.equal(dangerOf([...above, cache(nobody, 0o777)]), 'owner /home/ada/cache');
  assert.equal(dangerOf([...above, cache(me, 0o775, { gid: 100 })]), 'writable /home/ada/cache');
  for (const mode of [0o777, 0o702, 0o1777]) {
    assert.equal(dangerOf([...above, cache(me, mode)]), 'writable /home/ada/cache', mode.toString(8));
    assert.equal(dangerOf([...above, cache(0, mode)]), 'writable /home/ada/cache', mode.toString(8));
  }
});

test('what others may rename above it is a danger; a sticky folder keeps what lies in it', () => {
  const root = step('/', 0, 0o755);
  const below = step('/srv/cache', me, 0o700);
  const under = (uid: number, mode: number) => dangerOf([root, step('/srv', uid, mode), below]);
  assert.equal(under(0, 0o777), 'writable /srv');
  assert.equal(under(nobody, 0o755), 'owner /srv');
  assert.equal(under(0, 0o1777), undefined);
  assert.equal(
    dangerOf([root, step('/srv', 0, 0o1777), step('/srv/cache', nobody, 0o755), step('/srv/cache/x', me, 0o700)]),
    'owner /srv/cache',
  );
});

test('a link counts by whoever can put another in its place', () => {
  const link = (uid: number) => step('/srv/link', uid, 0o777, { isLink: true });
  const target = step('/data', me, 0o700);
  const through = (uid: number, folderMode: number) =>
    dangerOf([step('/', 0, 0o755), step('/srv', 0, folderMode), link(uid), step('/', 0, 0o755), target]);
  assert.equal(through(nobody, 0o755), undefined);
  assert.equal(through(me, 0o1777), undefined);
  assert.equal(through(nobody, 0o1777), 'owner /srv/link');
});

test('what others have left in the folder is a danger, and what they can still write to where they get in', () => {
  const servers = (uid: number, mode: number) => [step('/home/ada/cache/servers', uid, mode)];
  assert.equal(dangerOf([...above, cache(me, 0o700)], servers(nobody, 0o700)), 'owner /home/ada/cache/servers');
  assert.equal(dangerOf([...above, cache(me, 0o755)], servers(me, 0o777)), 'writable /home/ada/cache/servers');
  assert.equal(dangerOf([...above, cache(me, 0o700)], servers(me, 0o777)), undefined);
  const link = [step('/home/ada/cache/models', me, 0o777, { isLink: true })];
  assert.equal(dangerOf([...above, cache(me, 0o755)], link), undefined);
});

test('owners and bits that a file system or a sandbox makes up are no danger', () => {
  const mounted = cache(nobody, 0o755, { dev: 2 });
  assert.equal(dangerOf([...above, mounted]), 'owner /home/ada/cache');
  const alsoOn = (dev: number) => ({ alsoOn: new Map([[dev, new Set([nobody])]]) });
  assert.equal(dangerOf([...above, mounted], [], alsoOn(2)), undefined);
  assert.equal(dangerOf([...above, mounted], [], alsoOn(1)), 'owner /home/ada/cache');
  const open = cache(me, 0o777, { dev: 2 });
  assert.equal(dangerOf([...above, open], [], { withoutModes: new Set([2]) }), undefined);
  const sandboxed = [step('/', nobody, 0o755), step('/home', nobody, 0o755), cache(me, 0o700)];
  assert.equal(dangerOf(sandboxed), 'owner /');
  assert.equal(dangerOf(sandboxed, [], { unknownUid: nobody }), undefined);
  assert.equal(dangerOf([...above, cache(nobody, 0o755)], [], { unknownUid: nobody }), 'owner /home/ada/cache');
});

const root = temporaryFolder('cache-safety');
const skip = process.platform === 'win32' && 'Windows has no such permissions';
const folder = (name: string, mode: number) => {
  const place = path.join(root, name);
  mkdirSync(place, { recursive: true });
  chmodSync(place, mode);
  return place;
};

test('an empty folder of one’s own is closed to others before it is filled', { skip }, async () => {
  const place = folder('empty', 0o777);
  await checkCache(place);
  assert.equal(await openCache(place), place);
  assert.equal(statSync(place).mode & 0o777, 0o700);
});

test('one that others may write to and that holds something is refused, with the cure; nothing in it is changed', {
  skip,
}, async () => {
  const place = folder('open', 0o777);
  writeFileSync(path.join(place, 'planted'), '');
  for (const work of [checkCache(place), openCache(place)]) {
    const { reason, message } = await failureOf(work);
    assert.equal(reason, 'cacheUnsafe');
    assert.match(message, /other users may write to .*chmod go-w .*open/);
    assert.match(message, /PALIGEMMA_CACHE/);
  }
  assert.equal(statSync(place).mode & 0o777, 0o777);
});

test('so is one in a folder where others may put another in its place, also through a link', { skip }, async () => {
  const parent = folder('parent', 0o777);
  mkdirSync(path.join(parent, 'cache'), { mode: 0o700 });
  writeFileSync(path.join(parent, 'cache', 'something'), '');
  const link = path.join(root, 'link');
  symlinkSync(path.join(parent, 'cache'), link);
  for (const place of [path.join(parent, 'cache'), link]) {
    assert.match((await failureOf(openCache(place))).message, /other users may write to .*parent,/);
  }
  chmodSync(parent, 0o1777);
  assert.equal(await openCache(link), link);
});

test('each step of a way stands behind the folder that it lies in, through links as well', { skip }, async () => {
  const place = folder('way/to', 0o755);
  symlinkSync(path.join(root, 'way'), path.join(root, 'first'));
  symlinkSync('first', path.join(root, 'second'));
  const steps = await stepsTo(path.join(root, 'second', 'to')) ?? [];
  assert.equal(steps.at(-1)?.place, await realpath(place));
  assert.equal(steps.filter(({ isLink }) => isLink).length >= 2, true);
  for (const [index, { place: at }] of steps.entries()) {
    const before = steps[index - 1]?.place ?? '/';
    assert.ok(at === '/' || path.dirname(at) === before, `${at} behind ${before}`);
  }
  symlinkSync('round', path.join(root, 'round'));
  assert.equal(await stepsTo(path.join(root, 'round', 'x')), undefined);
});

test('a folder that is not there is no danger to who only reads', async () => {
  await checkCache(path.join(root, 'none', 'below'));
});
