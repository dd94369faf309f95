import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, symlink, truncate } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { Failure, type FailureReason } from '../../../paligemma/src/failures';
import { MAX_PIXELS, MAX_SIDE_PX, loadImage } from '../../../model-host/src/image/load';
import { MOST_PICTURE_BYTES } from '../../../paligemma/src/pictureFiles';
import { crc32 } from '../../../model-host/src/util/crc32';
import { golden, pngWith, sha256, tempFile, tempFolder } from './support';

/** The failure of `loadImage`, checked to be a sentence for a person: the path, a cure, no bare words of a library. */
async function failure(imagePath: string, reason: FailureReason): Promise<string> {
  try {
    await loadImage(imagePath);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.ok(error.message.includes(imagePath), error.message);
    assert.match(
      error.message,
      /\. (?:Check|Choose|Save|Change|Cut|Download)\b[^]*\.$|\. (?:Choose or save|Save or)\b/,
      'a cure',
    );
    return error.message;
  }
  assert.fail('nothing was thrown');
}

test('a file that is not there is missing', async () => {
  await failure(golden('images/none.png'), 'imageMissing');
  await failure(golden('images/photo.png/inside.png'), 'imageMissing');
});

test('a file of 0 bytes is refused as empty', async context => {
  assert.match(await failure(await tempFile(context, 'empty.png', ''), 'imageEmpty'), /0 bytes/);
});

test('a text file is refused, whether it is named like a picture or like text', async context => {
  assert.match(
    await failure(await tempFile(context, 'note.png', 'not a picture\n'), 'imageUnreadable'),
    /contains text/,
  );
  assert.match(
    await failure(await tempFile(context, 'note.txt', 'not a picture\n'), 'imageUnsupported'),
    /is a text file/,
  );
});

test('bytes of no known kind are refused', async context => {
  const bytes = Buffer.from([0, 1, 2, 3, 200, 201, 0, 7]);
  await failure(await tempFile(context, 'noise.jpg', bytes), 'imageUnreadable');
  assert.match(await failure(await tempFile(context, 'noise.dat', bytes), 'imageUnsupported'), /unknown type/);
});

test('known kinds that are not read are named', async context => {
  assert.match(await failure(await tempFile(context, 'layers.psd', '8BPS\0\x01'), 'imageUnsupported'), /Photoshop/);
  assert.match(
    await failure(
      await tempFile(context, 'pointer.jpg', 'version https://git-lfs.github.com/spec/v1\n'),
      'imageUnsupported',
    ),
    /Git LFS/,
  );
  for (const [name, start, what] of foreign) {
    const message = await failure(await tempFile(context, name, Buffer.from(start, 'latin1')), 'imageUnsupported');
    assert.ok(message.includes(what), `${name}: ${message}`);
  }
});

/** Names, first bytes, and what the sentence calls them. */
const foreign: readonly (readonly [string, string, string])[] = [
  ['canon.cr2', `II*\0\x10\0\0\0CR\x02\0${'\0'.repeat(40)}`, 'a raw photograph'],
  ['canon.cr3', '\0\0\0\x18ftypcrx \0\0\0\x01', 'a raw photograph'],
  ['fuji.raf', 'FUJIFILMCCD-RAW 0201', 'a raw photograph'],
  ['olympus.orf', 'IIRO\x08\0\0\0', 'a raw photograph'],
  ['panasonic.rw2', 'IIU\0\x18\0\0\0', 'a raw photograph'],
  ['photo.jxr', 'II\xbc\x01 \0\0\0', 'a JPEG XR picture'],
  ['old.sgi', '\x01\xda\x01\x01\0\x03', 'an SGI picture'],
  ['old.ras', '\x59\xa6\x6a\x95\0\0\0\x01', 'a Sun raster picture'],
  ['app.icns', 'icns\0\0\x10\0', 'a macOS icon file'],
  ['a.xpm', '/* XPM */\nstatic char *a[] = {};', 'an XPM picture'],
  ['a.xbm', '#define a_width 16\n#define a_height 16\n', 'an XBM picture'],
  ['a.wmf', '\xd7\xcd\xc6\x9a\0\0', 'a Windows metafile'],
  ['a.bpg', 'BPG\xfb\0\0', 'a BPG picture'],
  ['a.djvu', 'AT&TFORM\0\0', 'a DjVu document'],
  ['a.mng', '\x8aMNG\r\n\x1a\n', 'an MNG animation'],
  ['a.ktx', '\xabKTX 11\xbb\r\n', 'a KTX texture'],
  ['a.pfm', 'Pf 3 2 -1.0\n', 'a PFM picture'],
  ['a.pam', 'P7\r\nWIDTH 3\r\n', 'a PAM picture'],
  ['page.html', '<!DOCTYPE html><html><body><svg></svg>', 'a text file'],
];

for (
  const [name, keptBytes] of [
    ['photo-420.jpg', 8000],
    ['photo-420.jpg', 30],
    ['photo-444-progressive.jpg', 9000],
    ['photo.png', 20_000],
    ['photo.png', 20],
    ['lossy.webp', 3000],
    ['animated.gif', 3000],
    ['photo.tiff', 20_000],
    ['photo.bmp', 20_000],
  ] as const
) {
  test(`${name} cut off after ${keptBytes} bytes is refused, as Pillow refuses it`, async context => {
    const file = await tempFile(context, name, (await readFile(golden('images', name))).subarray(0, keptBytes));
    assert.match(await failure(file, 'imageUnreadable'), /cut off or damaged \(.+\)/);
  });
}

test('a PNG with overwritten bytes is refused', async context => {
  const bytes = Buffer.from(await readFile(golden('images/photo.png')));
  await failure(await tempFile(context, 'damaged.png', bytes.fill(0x55, 50_000, 50_040)), 'imageUnreadable');
});

test('a folder, and a pipe that nobody writes to, are refused at once', async context => {
  assert.match(await failure(golden('images'), 'imageUnsupported'), /is a folder/);
  if (process.platform === 'win32') return;
  const pipe = path.join(await tempFolder(context), 'pipe.png');
  execFileSync('mkfifo', [pipe]);
  assert.match(await failure(pipe, 'imageUnsupported'), /not a file/);
});

test(
  'a file that this user is not allowed to read is refused',
  { skip: process.platform === 'win32' && 'Windows keeps no such permission bits' },
  async context => {
    const file = await tempFile(context, 'secret.png', await readFile(golden('images/one-pixel.png')));
    await chmod(file, 0);
    // The superuser may read every file, so be somebody else meanwhile.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      assert.match(await failure(file, 'imageUnreadable'), /not allowed to read/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  },
);

test('30,000 × 30,000 pixels are refused from the header, before pixels are allocated', async context => {
  const file = await tempFile(context, 'huge.png', pngWith(30_000, 30_000, deflateSync(Buffer.alloc(1000))));
  const before = process.memoryUsage().rss;
  assert.match(await failure(file, 'imageTooLarge'), /30000 × 30000/);
  assert.ok(process.memoryUsage().rss - before < 200e6, 'the pixels would take 2.7 GB');
});

test('the limits stand where the constants say', async context => {
  assert.equal(MAX_PIXELS, 16383 * 16383);
  const picture = (width: number, height: number) =>
    tempFile(context, `${width}.png`, pngWith(width, height, deflateSync(Buffer.alloc(1000))));
  // At the limit the size passes, and the missing pixels are the complaint.
  assert.match(await failure(await picture(16383, 16383), 'imageUnreadable'), /cut off/);
  await failure(await picture(16384, 16383), 'imageTooLarge');
  assert.match(await failure(await picture(MAX_SIDE_PX, 1), 'imageUnreadable'), /cut off/);
  assert.match(await failure(await picture(MAX_SIDE_PX + 1, 1), 'imageTooLarge'), /Cut it/);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>';
  await failure(await tempFile(context, 'huge.svg', svg), 'imageTooLarge');
});

test('a file larger than memory allows is refused by its size', async context => {
  const file = await tempFile(context, 'long.png', '');
  await truncate(file, MOST_PICTURE_BYTES + 1); // sparse: takes no room on the disk
  await failure(file, 'imageTooLarge');
});

test('a picture is known by its content, not by its name, also through a link', {
  skip: process.platform === 'win32' && 'links need a privilege on Windows',
}, async context => {
  const folder = await tempFolder(context);
  await copyFile(golden('images/photo-420.jpg'), path.join(folder, 'really a jpeg.png'));
  assert.equal((await loadImage(path.join(folder, 'really a jpeg.png'))).widthPx, 500);
  await mkdir(path.join(folder, 'ünï 猫'));
  await symlink(golden('images/photo.png'), path.join(folder, 'ünï 猫', 'link.png'));
  assert.equal((await loadImage(path.join(folder, 'ünï 猫', 'link.png'))).widthPx, 330);
});

test('an SVG is drawn on white in its own size', async context => {
  const svg =
    '<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#c00000"/></svg>';
  const { data, widthPx, heightPx } = await loadImage(await tempFile(context, 'drawing.svg', svg));
  assert.deepEqual([widthPx, heightPx], [40, 20]);
  assert.deepEqual([...data.subarray(0, 3)], [0xc0, 0, 0]);
  assert.deepEqual([...data.subarray(39 * 3, 40 * 3)], [255, 255, 255]);
});

test('an SVG reads no other file, and a bomb of entities is refused', async context => {
  const beside = golden('images/photo.png');
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40">
    <image href="file://${beside}" width="40" height="40"/><image xlink:href="${beside}" width="40" height="40"/></svg>`;
  const { data } = await loadImage(await tempFile(context, 'nosy.svg', svg));
  assert.ok(data.every(level => level === 255), 'something was drawn');
  const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('');
  const bomb =
    `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "ha">${levels}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&a9;</text></svg>`;
  await failure(await tempFile(context, 'bomb.svg', bomb), 'imageUnreadable');
});

test('a broken SVG is unreadable, other XML is unsupported', async context => {
  await failure(
    await tempFile(context, 'broken.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="100"><rect wid'),
    'imageUnreadable',
  );
  await failure(await tempFile(context, 'feed.xml', '<?xml version="1.0"?><feed/>'), 'imageUnsupported');
});

test('AVIF and animated WebP are read', async context => {
  const photo = sharp(golden('images/photo.png'));
  const original = await loadImage(golden('images/photo.png'));
  const lossless = await loadImage(
    await tempFile(context, 'a.avif', await photo.avif({ lossless: true, chromaSubsampling: '4:4:4' }).toBuffer()),
  );
  assert.equal(sha256(lossless.data), sha256(original.data));
  const frames = await sharp(golden('images/animated.gif'), { animated: true }).webp({ lossless: true }).toBuffer();
  const first = await loadImage(await tempFile(context, 'a.webp', frames));
  assert.equal(sha256(first.data), sha256((await loadImage(golden('images/animated.gif'))).data));
});

test('a cancelled load rejects as cancelled, whatever the file', async context => {
  const cancelled = AbortSignal.abort();
  for (
    const file of [golden('images/photo.png'), golden('images/none.png'), await tempFile(context, 'empty.png', '')]
  ) {
    await assert.rejects(loadImage(file, cancelled), { name: 'AbortError' });
  }
  const controller = new AbortController();
  const loading = loadImage(golden('images/photo.png'), controller.signal);
  controller.abort();
  await assert.rejects(loading, { name: 'AbortError' });
});

test('deep colours count: what would take more than a gigabyte while it is decoded is refused by its header', async context => {
  const file = await tempFile(context, 'deep.png', pngWith(16_000, 16_000, new Uint8Array(9)));
  const bytes = await readFile(file);
  bytes[24] = 16; // bits a channel
  bytes[25] = 6; // with alpha
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  assert.match(await failure(await tempFile(context, 'deep.png', bytes), 'imageTooLarge'), /16000 × 16000.*1024 MiB/);
});
