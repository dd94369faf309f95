import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import type { Region } from '../../../paligemma/src/facts';
import { labelImage } from '../../../model-host/src/image/labelImage';
import { loadImage } from '../../../model-host/src/image/load';
import { writeOverlay } from '../../../model-host/src/image/overlay';
import { greyPng } from '../../../model-host/src/image/png';
import { labelStyles, huePalette } from '../../../paligemma/src/labelStyles';
import { inkOn, stylesByLabel } from '../../../model-host/src/image/regionColours';
import { golden, tempFolder } from './support';

const photo = golden('images/photo.png'); // 330 × 220: lines of 1 pixel, letters of 11
const box = { x1: 100, y1: 80, x2: 200, y2: 180 };
/** Of the label in a picture where no other wants it; `''` is the plain box. */
const colourOf = (label: string, ...others: string[]) => [...stylesByLabel([label, ...others]).get(label)!.colour];

async function overlaid(context: test.TestContext, regions: readonly Region[], imagePath = photo) {
  const out = path.join(await tempFolder(context), 'out.png');
  const size = await writeOverlay(imagePath, regions, out);
  const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [size.widthPx, size.heightPx, 3]);
  return {
    ...size,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  };
}

// The test of a machine without fonts starts this file once more, with a list of regions.
const regionsForChild = process.env['PALIGEMMA_TEST_OVERLAY'];
if (regionsForChild !== undefined) {
  void writeOverlay(photo, JSON.parse(regionsForChild) as Region[], process.argv[2]!).then(size => {
    process.stdout.write(JSON.stringify(size));
  });
} else {
  test('a box is a frame in the colour of its label, its inside is untouched', async context => {
    const original = await loadImage(photo);
    const originalAt = (x: number, y: number) => [...original.data.subarray((y * 330 + x) * 3, (y * 330 + x) * 3 + 3)];
    const picture = await overlaid(context, [{ label: '', box }, {
      label: 'cat',
      box: { x1: 10, y1: 60, x2: 30, y2: 70 },
    }]);
    for (let x = 100; x <= 200; x++) {
      for (const y of [80, 180]) assert.deepEqual(picture.at(x, y), colourOf('', 'cat'), `${x}, ${y}`);
    }
    for (const [x, y] of [[99, 130], [101, 130], [150, 79], [150, 181]] as const) {
      assert.deepEqual(
        picture.at(x, y),
        inkOn(colourOf('', 'cat') as [number, number, number]) === 'black' ? [0, 0, 0] : [255, 255, 255],
        'the casing',
      );
    }
    for (let y = 80; y <= 180; y++) {
      for (const x of [100, 200]) assert.deepEqual(picture.at(x, y), colourOf('', 'cat'), `${x}, ${y}`);
    }
    for (const [x, y] of [[102, 82], [150, 130], [198, 178], [98, 78], [300, 200]] as const) {
      assert.deepEqual(picture.at(x, y), originalAt(x, y), `${x}, ${y}`);
    }
    assert.deepEqual(picture.at(10, 65), colourOf('cat', ''), 'each label has its own colour');
    assert.notDeepEqual(colourOf('cat', ''), colourOf('', 'cat'));
  });

  test('a label stands on a chip above its box, or inside where there is no room', async context => {
    const picture = await overlaid(context, [{ label: 'cat', box }, {
      label: 'cat',
      box: { x1: 0, y1: 0, x2: 60, y2: 60 },
    }]);
    assert.deepEqual(picture.at(101, 77), colourOf('cat'));
    assert.deepEqual(picture.at(2, 3), colourOf('cat'));
    const inks = new Set<string>();
    for (let y = 60; y < 80; y++) for (let x = 100; x < 130; x++) inks.add(picture.at(x, y).join());
    assert.ok(inks.size > 2, 'letters were drawn');
  });

  test('a mask tints its pixels and no others', async context => {
    const original = await loadImage(photo);
    const mask = new Uint8Array(330 * 220);
    for (let y = 100; y < 120; y++) mask.fill(255, y * 330 + 110, y * 330 + 150);
    const png = (await greyPng(mask, 330, 220)).toString('base64');
    const picture = await overlaid(context, [{ label: '', box, mask: { width: 330, height: 220, png } }]);
    const tinted = (x: number, y: number) =>
      [0, 1, 2].map(c => {
        const level = original.data[(y * 330 + x) * 3 + c]!;
        return Math.round(level + (colourOf('')[c]! - level) * 0.45);
      });
    const same = (x: number, y: number) => [...original.data.subarray((y * 330 + x) * 3, (y * 330 + x) * 3 + 3)];
    for (const [x, y] of [[110, 100], [149, 119], [130, 110]] as const) {
      assert.deepEqual(picture.at(x, y), tinted(x, y));
    }
    for (const [x, y] of [[109, 100], [150, 119], [130, 120]] as const) assert.deepEqual(picture.at(x, y), same(x, y));
  });

  test('the picture is upright', async context => {
    const picture = await overlaid(context, [], golden('images/exif-6.jpg'));
    assert.deepEqual([picture.widthPx, picture.heightPx], [280, 320]);
  });

  const labels = [
    '<b>&amp;"\'</span>',
    '\u0000\u001b[31m\ud800',
    '猫 🐱 café ‮ﷺ',
    'x'.repeat(5000),
    '   ',
    '%s %n ]]> <!-- <![CDATA[',
    'a\nb\tc',
  ];
  const boxes = [box, { x1: 0, y1: 0, x2: 330, y2: 220 }, { x1: 329.9, y1: 219.9, x2: 330, y2: 220 }, {
    x1: -50,
    y1: -50,
    x2: 900,
    y2: 900,
  }, { x1: Number.NaN, y1: 0, x2: 5, y2: Number.NaN }];
  const odd: Region[] = labels.flatMap(label => boxes.map(each => ({ label, box: each })));

  test('odd labels and boxes draw something and break nothing', async context => {
    await overlaid(context, odd);
    await overlaid(context, odd, golden('images/one-pixel.png'));
    await overlaid(context, odd, golden('images/very-wide.png'));
  });

  test('labels of every script are set, and a sign of several characters is not cut in half', async () => {
    for (const text of ['قطة سوداء', 'חתול שחור', '黑猫', '👩\u200d👩\u200d👧 family']) {
      const label = await labelImage(text, 40, 'black');
      assert.ok(label !== undefined && label.widthPx > 40 && label.data.some(value => value > 0), text);
    }
    const family = '👩\u200d👩\u200d👧';
    const [long, cut] = [
      await labelImage(family.repeat(80), 20, 'white'),
      await labelImage(`${family.repeat(59)}…`, 20, 'white'),
    ];
    assert.ok(long !== undefined && cut !== undefined);
    assert.deepEqual([long.widthPx, long.heightPx], [cut.widthPx, cut.heightPx]);
  });

  test('a machine without fonts gets its picture', async context => {
    const folder = await tempFolder(context);
    const configuration = path.join(folder, 'fonts.conf');
    await writeFile(
      configuration,
      `<?xml version="1.0"?><fontconfig><dir>${folder}</dir><cachedir>${folder}</cachedir></fontconfig>`,
    );
    const out = path.join(folder, 'out.png');
    const size = execFileSync(process.execPath, [process.argv[1]!, out], {
      env: {
        ...process.env,
        FONTCONFIG_FILE: configuration,
        PALIGEMMA_TEST_OVERLAY: JSON.stringify(odd),
        NODE_TEST_CONTEXT: undefined,
      },
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(size), { widthPx: 330, heightPx: 220 });
    assert.equal((await sharp(out).metadata()).width, 330);
  });

  test('a failure leaves what was there, and no temporary file', async context => {
    const folder = await tempFolder(context);
    const out = path.join(folder, 'out.png');
    await writeFile(out, 'as before');
    const bad = (png: string): Region[] => [{ label: 'cat', box, mask: { width: 330, height: 220, png } }];
    await assert.rejects(writeOverlay(photo, bad('bm8gcG5n'), out), {
      name: 'Failure',
      reason: 'badArgument',
      message: /not a PNG/,
    });
    await assert.rejects(writeOverlay(photo, bad((await greyPng(new Uint8Array(4), 2, 2)).toString('base64')), out), {
      name: 'Failure',
      reason: 'badArgument',
      message: /2 × 2/,
    });
    await assert.rejects(writeOverlay(golden('images/none.png'), [], out), {
      name: 'Failure',
      reason: 'imageMissing',
    });
    await assert.rejects(writeOverlay(photo, [], out, AbortSignal.abort()), { name: 'AbortError' });
    const controller = new AbortController();
    const writing = writeOverlay(photo, [{ label: 'cat', box }], out, controller.signal);
    setImmediate(() => {
      controller.abort();
    });
    await assert.rejects(writing, { name: 'AbortError' });
    assert.equal(await readFile(out, 'utf8'), 'as before');
    assert.deepEqual(await readdir(folder), ['out.png']);
  });

  test('an overlay replaces an older one', async context => {
    const out = path.join(await tempFolder(context), 'out.png');
    await writeFile(out, 'older');
    await writeOverlay(photo, [], out);
    assert.equal((await sharp(out).metadata()).format, 'png');
  });

  test('a place that cannot be written is named with a cure', async context => {
    const folder = await tempFolder(context);
    await assert.rejects(writeOverlay(photo, [], path.join(folder, 'none', 'out.png')), {
      name: 'Failure',
      reason: 'fileUnwritable',
      message: /does not exist/,
    });
    await mkdir(path.join(folder, 'out.png'));
    await assert.rejects(writeOverlay(photo, [], path.join(folder, 'out.png')), {
      name: 'Failure',
      reason: 'fileUnwritable',
    });
    assert.deepEqual(await readdir(folder), ['out.png']);
  });

  test('the picture itself is never overwritten, not even through a link', {
    skip: process.platform === 'win32' && 'links need a privilege on Windows',
  }, async context => {
    const folder = await tempFolder(context);
    const own = path.join(folder, 'photo.png');
    await copyFile(photo, own);
    await symlink(own, path.join(folder, 'link.png'));
    for (const out of [own, path.join(folder, 'link.png'), path.join(folder, 'x', '..', 'photo.png')]) {
      await assert.rejects(writeOverlay(own, [{ label: 'cat', box }], out), {
        name: 'Failure',
        reason: 'badArgument',
      });
    }
    assert.deepEqual(await readFile(own), await readFile(photo));
  });

  test('colours are those of the image view, whatever the order of labels; beyond seven the line differs', async context => {
    const labels = ['b', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const [styles, view] = [stylesByLabel(labels), labelStyles(labels)];
    for (const [label, { colour, dash }] of styles) {
      assert.deepEqual(colour, huePalette[view.get(label)!.hue]);
      assert.equal(dash === undefined, view.get(label)!.line === 'solid');
    }
    assert.deepEqual(stylesByLabel(labels.reverse()), new Map([...styles]));
    const [dashed] = [...styles].find(([, { dash }]) => dash !== undefined)!;
    const picture = await overlaid(context, [
      { label: dashed, box },
      ...labels.filter(label => label !== dashed).map(label => ({ label, box: { x1: 0, y1: 0, x2: 9, y2: 9 } })),
    ]);
    const onEdge = Array.from(
      { length: 90 },
      (_, i) => picture.at(105 + i, 180).join() === styles.get(dashed)!.colour.join(),
    );
    assert.ok(
      onEdge.includes(true) && onEdge.includes(false),
      'the frame of the label beyond the colours is interrupted',
    );
    assert.deepEqual(
      [[255, 255, 255], [240, 228, 66], [0, 114, 178], [0, 0, 0]].map(colour =>
        inkOn(colour as [number, number, number])
      ),
      ['black', 'black', 'white', 'white'],
    );
  });
}
