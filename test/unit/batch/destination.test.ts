import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { destinationOf, filesOf, whereStopped, type BatchWish } from '../../../batch/src/destination';
import type { ExistingChoice, OutputForm } from '../../../batch/src/forms';
import type { InterruptedBatch } from '../../../batch/src/journal';
import type { BatchTarget } from '../../../batch/src/plan';
import { temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('destination');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(root, 'd-'));
});
const at = (...names: string[]): string => path.join(folder, ...names);
const say = (message: string): string => message;

const wishFor = (form: OutputForm, names: readonly string[], place?: string): BatchWish => ({
  form,
  imagePaths: names.map(name => at(name)),
  prompt: 'caption en',
  place: place === undefined ? undefined : at(place),
});
const decide = (wish: BatchWish, existing: ExistingChoice, earlier?: InterruptedBatch) =>
  destinationOf(wish, existing, earlier, say);
const skippedOf = async (
  wish: BatchWish,
  existing: ExistingChoice,
  earlier?: InterruptedBatch,
) => [...(await decide(wish, existing, earlier)).skipped];
const pathsIn = (target: BatchTarget) =>
  ('path' in target ? [target.path] : target.paths).map(file => path.relative(folder, file).split(path.sep).join('/'));

function interrupted(wish: BatchWish, target: BatchTarget, done: readonly number[]): InterruptedBatch {
  const imageUris = wish.imagePaths.map(file => pathToFileURL(file).href);
  return {
    plan: { id: 'x', title: 'T', prompt: wish.prompt, model: '', imageUris, target },
    done: new Set(done),
    isCancelled: false,
  };
}

describe('names', () => {
  test('in a folder of their own the files lie as their pictures do, so pictures of one name keep apart', () => {
    const { paths } = filesOf(wishFor('sidecars', ['a/1.png', 'b/1.png', 'b/c/1.png'], 'out'));
    assert.deepEqual(
      paths,
      [at('out/a/1.txt'), at('out/b/1.txt'), at('out/b/c/1.txt')].map(file => path.normalize(file)),
    );
    const based = filesOf({ ...wishFor('voc', ['a/b/1.png'], 'out'), base: at('a') });
    assert.deepEqual(based.paths, [path.normalize(at('out/b/1.xml'))]);
  });

  test('no two pictures share a file, not even by the whole name of another one', () => {
    const { paths } = filesOf(wishFor('sidecars', ['a.jpg', 'a.png', 'a.jpg.png']));
    assert.deepEqual(paths.map(file => path.basename(file)), ['a.jpg.txt', 'a.png.txt', 'a.jpg.png.txt']);
  });

  test('YOLO: a picture called classes does not take the file of the classes', () => {
    assert.deepEqual(filesOf(wishFor('yolo', ['classes.png', '1.png'], 'labels')).paths, [
      at('labels', 'classes.png.txt'),
      at('labels', '1.txt'),
    ]);
  });

  test('one file for all is named after the task, in the folder that is named or in that of the pictures', async () => {
    mkdirSync(at('there'));
    assert.deepEqual(filesOf(wishFor('jsonl', ['a/1.png', 'a/2.png'])).paths, [at('a', 'caption.jsonl')]);
    assert.deepEqual(filesOf(wishFor('markdown', ['1.png'], 'there')).paths, [at('there', 'caption.md')]);
    assert.deepEqual(filesOf({ ...wishFor('coco', ['1.png']), place: `${at('new')}${path.sep}` }).paths, [
      at('new', 'caption.coco.json'),
    ]);
    assert.deepEqual(pathsIn((await decide(wishFor('jsonl', ['1.png'], 'x.jsonl'), 'skip')).target), ['x.jsonl']);
  });
});

describe('files that are there', () => {
  test('by picture: they stay and their pictures are skipped, are replaced, or get neighbours', async t => {
    writeFileSync(at('1.txt'), 'x');
    const wish = wishFor('sidecars', ['1.png', '2.png', '3.png']);
    if (process.platform === 'win32') t.diagnostic('no links here');
    else symlinkSync(at('nowhere'), at('3.txt'));
    const there = process.platform === 'win32' ? [0] : [0, 2];
    assert.deepEqual(await skippedOf(wish, 'skip'), there);
    assert.deepEqual(await skippedOf(wish, 'overwrite'), []);
    const { target, skipped } = await decide(wish, 'rename');
    assert.equal(skipped.size, 0);
    assert.deepEqual(pathsIn(target).slice(0, 2), ['1-2.txt', '2.txt']);
    assert.equal(target.replaces, false);
  });

  test('in one file: the pictures that it answers for this prompt are skipped', async () => {
    mkdirSync(at('sub'));
    writeFileSync(
      at('sub/c.jsonl'),
      '{"image":"../1.png","prefix":"caption en","suffix":"x"}\n{"image":"../2.png","prefix":"other","suffix":"x"}\n',
    );
    writeFileSync(at('c.md'), '- ![x](2.png)\n');
    writeFileSync(at('c.json'), '{"images":[{"id":1,"file_name":"1.png"}],"annotations":[],"categories":[]}');
    const names = ['1.png', '2.png'];
    assert.deepEqual(await skippedOf(wishFor('jsonl', names, 'sub/c.jsonl'), 'skip'), [0]);
    assert.deepEqual(await skippedOf(wishFor('markdown', names, 'c.md'), 'skip'), [1]);
    assert.deepEqual(await skippedOf(wishFor('coco', names, 'c.json'), 'skip'), [0]);
    assert.deepEqual(await skippedOf(wishFor('jsonl', names, 'sub/c.jsonl'), 'overwrite'), []);
    assert.deepEqual(pathsIn((await decide(wishFor('jsonl', names, 'sub/c.jsonl'), 'rename')).target), [
      'sub/c-2.jsonl',
    ]);
  });

  test('a pipe is neither read nor replaced', async t => {
    if (process.platform === 'win32' || spawnSync('mkfifo', [at('pipe')]).status !== 0) return t.skip('no pipes here');
    for (const form of ['jsonl', 'markdown', 'coco'] as const) {
      for (const existing of ['skip', 'overwrite'] as const) {
        await assert.rejects(decide(wishFor(form, ['1.png'], 'pipe'), existing), { reason: 'fileTaken' });
      }
    }
  });

  test('what is something else is not added to, and is said so', async () => {
    writeFileSync(at('x'), 'no lines of JSON');
    writeFileSync(at('binary'), 'a\0b');
    mkdirSync(at('folder.jsonl'));
    const refused: readonly (readonly [form: OutputForm, place: string, existing: ExistingChoice])[] = [
      ['jsonl', 'x', 'skip'],
      ['coco', 'x', 'skip'],
      ['markdown', 'binary', 'skip'],
      ['sidecars', 'x', 'overwrite'],
      ['yolo', 'x', 'skip'],
    ];
    for (const [form, place, existing] of refused) {
      await assert.rejects(decide(wishFor(form, ['1.png'], place), existing), { reason: 'fileTaken' }, form);
    }
    assert.equal((await decide(wishFor('jsonl', ['1.png'], 'x'), 'overwrite')).skipped.size, 0);
  });
});

describe('a batch that was interrupted', () => {
  test('replaces nothing twice, runs what it had not written, and what was taken away since', async () => {
    const wish = wishFor('sidecars', ['1.png', '2.png', '3.png']);
    const { target } = await decide(wish, 'overwrite');
    for (const name of ['1.txt', '3.txt']) writeFileSync(at(name), 'x');
    const earlier = interrupted(wish, target, [0, 1]);
    assert.deepEqual(await skippedOf(wish, 'overwrite', earlier), [0], '2 is gone, 3 was there before');
    assert.deepEqual([...(await whereStopped(earlier, say)).skipped], [0]);
  });

  test('keeps the names that it had found, also where pictures have come since', async () => {
    writeFileSync(at('1.txt'), 'x');
    const wish = wishFor('sidecars', ['1.png', '2.png']);
    const { target } = await decide(wish, 'rename');
    writeFileSync(at('1-2.txt'), 'written by it');
    const more = wishFor('sidecars', ['0.png', '1.png', '2.png']);
    const again = await decide(more, 'rename', interrupted(wish, target, [0]));
    assert.deepEqual(pathsIn(again.target), ['0.txt', '1-2.txt', '2.txt']);
    assert.deepEqual([...again.skipped], [1]);
  });

  test('one file says itself what it holds: nothing is written twice, nothing is lost', async () => {
    const wish = wishFor('jsonl', ['1.png', '2.png', '3.png'], 'c.jsonl');
    const { target } = await decide(wish, 'overwrite');
    writeFileSync(at('c.jsonl'), ['1', '2'].map(name => `{"image":"${name}.png","prefix":"caption en"}\n`).join(''));
    assert.deepEqual(
      await skippedOf(wish, 'overwrite', interrupted(wish, target, [0])),
      [0, 1],
      'killed before it noted 2',
    );
    assert.deepEqual(await skippedOf(wish, 'overwrite', interrupted(wish, target, [])), [], 'all of it is from before');
    const renamed = await decide(wish, 'rename');
    assert.deepEqual(pathsIn(renamed.target), ['c-2.jsonl']);
    const again = await decide(wish, 'rename', interrupted(wish, renamed.target, []));
    assert.deepEqual(pathsIn(again.target), ['c-2.jsonl']);
  });
});
