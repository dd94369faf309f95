// The built program that engraves music: with the real Verovio, and with packages that behave as no engraver should.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { musicDrawing } from '../../client/src/viewer/musicDrawing';
import { engraveMusic } from '../../drawings/src/music/engraveMusic';
import { music } from '../../paligemma/src/kinds/music';
import { temporaryFolder } from '../support/temporary';
import { installedVerovio } from '../support/verovio';

const programPath = path.resolve('dist/music-engraving.js');
const root = temporaryFolder('engraving');
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const kern = '**kern\t**kern\n*clefF4\t*clefG2\n4C 4E\t4c\n=\t=\n4D\t8dL\n.\t8eJ\n*-\t*-';
const drawn = (suffix: string, folder: string, limitMs?: number) =>
  musicDrawing(
    music.read(suffix, { isTruncated: false, t }).data,
    t,
    folder,
    (text, place) => engraveMusic(text, place, { programPath, ...(limitMs === undefined ? {} : { limitMs }) }),
  );
const gaveUp = { notes: ['The music was not engraved: the engraver gave up, or took too much work.'] };
let verovio: Awaited<ReturnType<typeof installedVerovio>> = {};

before(async () => {
  verovio = await installedVerovio();
});

/** A package of that name whose toolkit has these methods, as source text. */
function engraver(name: string, methods: string, top = ''): string {
  const folder = path.join(root, name);
  mkdirSync(path.join(folder, 'dist'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"name":"verovio","version":"6.3.0"}');
  writeFileSync(path.join(folder, 'dist/verovio-module-hum.mjs'), 'export default async () => ({});\n');
  writeFileSync(
    path.join(folder, 'dist/verovio.mjs'),
    `${top}
    export class VerovioToolkit {
      setOptions() {} loadData() { return 1; } getPageCount() { return 1; }
      renderToSVG() { return '<svg/>'; } renderToMIDI() { return 'TVRo'; } getMEI() { return '<mei/>'; }
      ${methods}
    }\n`,
  );
  return folder;
}

test('Verovio engraves music into a picture for the page, with MEI and MIDI as files', async context => {
  if (verovio.folder === undefined) return context.skip(verovio.reason ?? 'Verovio is not there');
  const { picture, forms = [], notes } = await drawn(kern, verovio.folder);
  assert.equal(notes, undefined);
  const svg = Buffer.from(picture?.src.split('base64,')[1] ?? '', 'base64').toString();
  assert.match(svg, /class="staff/);
  assert.equal(svg.match(/class="note"/g)?.length, 6);
  const [mei, midi] = forms;
  assert.ok(mei !== undefined && 'write' in mei && mei.write().includes('<mei '));
  assert.ok(midi !== undefined && 'bytes' in midi && Buffer.from(midi.bytes()).subarray(0, 4).toString() === 'MThd');
});

test('music in bekern, without a header and without an end is engraved as well', async context => {
  if (verovio.folder === undefined) return context.skip(verovio.reason ?? 'Verovio is not there');
  for (const suffix of ['**bekern\t**bekern\n4·C@#·L\t8·c\n*-\t*-', '4C\t4c\n4D\t4d\n4E\t4e']) {
    const { picture } = await drawn(suffix, verovio.folder);
    const svg = Buffer.from(picture?.src.split('base64,')[1] ?? '', 'base64').toString();
    assert.match(svg, /class="note/, suffix);
  }
});

test('without an engraver, and where columns are missing, nothing is asked of it', async () => {
  assert.deepEqual(await drawn(kern, ''), {});
  assert.deepEqual(await drawn(kern.replace('4C 4E\t4c', '4C'), engraver('unasked', 'loadData() { throw 1; }')), {});
});

test('a folder that is none of Verovio is named with the setting, and nothing of it is run', async () => {
  const folder = engraver('other', '');
  writeFileSync(path.join(folder, 'package.json'), '{"name":"other"}');
  for (
    const place of [folder, path.join(root, 'gone'), 'relative/verovio', '//host/share/verovio', '\\\\host\\verovio']
  ) {
    const { notes = [] } = await drawn(kern, place);
    assert.match(notes[0] ?? '', /is not the folder of the npm package verovio\. Correct the setting/);
    assert.ok(notes[0]?.includes(place));
  }
});

test('an engraver that throws, refuses, dies or never ends leaves a sentence, and no process', async () => {
  assert.deepEqual(await drawn(kern, engraver('throws', "loadData() { throw new Error('no clef'); }")), {
    notes: ['The music cannot be engraved: no clef'],
  });
  assert.deepEqual(await drawn(kern, engraver('wordless', 'loadData() { throw { code: 1 }; }')), {
    notes: ['The music cannot be engraved: it gave up'],
  });
  assert.deepEqual(await drawn(kern, engraver('refuses', 'loadData() { return false; }')), {
    notes: ['The music cannot be engraved: no music'],
  });
  assert.deepEqual(await drawn(kern, engraver('dies', 'loadData() { process.abort(); }')), gaveUp);
  assert.deepEqual(await drawn(kern, engraver('hangs', 'loadData() { for (;;); }'), 3000), gaveUp);
  assert.deepEqual(
    await drawn(kern, engraver('broken', '', 'this is no program;')).then(({ notes }) => notes?.length),
    1,
  );
});

test('an engraver that takes all memory is ended', async () => {
  const greedy = engraver(
    'greedy',
    'loadData() { const all = []; for (;;) all.push(new Uint8Array(64 * 1024 ** 2).fill(1)); }',
  );
  assert.deepEqual(await drawn(kern, greedy), gaveUp);
});

test('an engraver is told nothing of the environment but what a program needs to run', async () => {
  process.env['HF_TOKEN'] = 'secret-of-the-test';
  try {
    const { picture } = await drawn(kern, engraver('curious', 'renderToSVG() { return JSON.stringify(process.env); }'));
    const seen = Buffer.from(picture?.src.split('base64,')[1] ?? '', 'base64').toString();
    assert.match(seen, /ELECTRON_RUN_AS_NODE/);
    assert.doesNotMatch(seen, /secret-of-the-test|HF_TOKEN|HOME/);
  } finally {
    delete process.env['HF_TOKEN'];
  }
});

test('what an engraver says of its work does not stand in its answer', async () => {
  const talks = engraver('talks', "loadData() { console.log('{}'); console.error('x'); return 1; }");
  const { picture } = await drawn(kern, talks);
  assert.equal(Buffer.from(picture?.src.split('base64,')[1] ?? '', 'base64').toString(), '<svg/>');
});

test('music of several pages says that only the first is engraved here', async () => {
  const { notes } = await drawn(kern, engraver('pages', 'getPageCount() { return 3; }'));
  assert.deepEqual(notes, ['Only the first page of 3 is engraved here.']);
});
