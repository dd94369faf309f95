/** Small files that ask for much: pixels, time, other files, the network. */
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { crc32 } from '../../../model-host/src/util/crc32';
import type { PictureSample } from './pictures';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function png(width: number, height: number, ...chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 2;
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

/** Claims of a size that the data do not have, and data far larger than the claim. */
export async function sizeBombs(): Promise<PictureSample[]> {
  const zeros = deflateSync(Buffer.alloc(32 << 20));
  const tiny = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).gif().toBuffer();
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } }).jpeg().toBuffer();
  const hugeJpeg = Buffer.from(jpeg);
  const frame = hugeJpeg.indexOf(Buffer.from([0xff, 0xc0]));
  hugeJpeg.writeUInt16BE(0xffff, frame + 5);
  hugeJpeg.writeUInt16BE(0xffff, frame + 7);
  const hugeGif = Buffer.from(tiny);
  hugeGif.writeUInt16LE(0xffff, 6);
  hugeGif.writeUInt16LE(0xffff, 8);
  return [
    { name: 'claims-2-31.png', bytes: png(0x7fffffff, 0x7fffffff, chunk('IDAT', deflateSync(Buffer.alloc(100)))) },
    { name: 'claims-100000.png', bytes: png(100_000, 100_000, chunk('IDAT', deflateSync(Buffer.alloc(100)))) },
    { name: 'claims-wide.png', bytes: png(1_000_001, 1, chunk('IDAT', deflateSync(Buffer.alloc(100)))) },
    { name: 'claims-tall.png', bytes: png(1, 0x7fffffff, chunk('IDAT', deflateSync(Buffer.alloc(100)))) },
    { name: 'claims-nothing.png', bytes: png(0, 0, chunk('IDAT', deflateSync(Buffer.alloc(100)))) },
    { name: 'pixels-without-end.png', bytes: png(4, 4, chunk('IDAT', zeros)) },
    {
      name: 'text-without-end.png',
      bytes: png(
        4,
        4,
        chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), zeros])),
        chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), zeros])),
        chunk('IDAT', deflateSync(Buffer.alloc(13 * 4))),
      ),
    },
    {
      name: 'many-chunks.png',
      bytes: png(
        4,
        4,
        ...Array.from({ length: 20_000 }, () => chunk('tEXt', Buffer.from('a\0b'))),
        chunk('IDAT', deflateSync(Buffer.alloc(13 * 4))),
      ),
    },
    { name: 'huge.jpg', bytes: hugeJpeg },
    { name: 'huge.gif', bytes: hugeGif },
    {
      name: 'many-scans.jpg',
      bytes: scans(
        await sharp({ create: { width: 512, height: 512, channels: 3, background: 'red' } }).jpeg({ progressive: true })
          .toBuffer(),
        2000,
      ),
    },
    { name: 'frames.gif', bytes: frames(tiny, 20_000) },
    { name: 'circle.tif', bytes: circularTiff() },
    { name: 'no-pixels.ppm', bytes: Buffer.from('P6 16383 16383 65535\n') },
    { name: 'few-numbers.ppm', bytes: Buffer.from('P3 16383 16383 255\n1 2 3') },
    { name: 'comment.pgm', bytes: Buffer.from(`P2 1 1 #${'#'.repeat(5_000_000)}\n9 1`) },
    { name: 'runs.tga', bytes: longRuns(8_000, 8_000) },
  ];
}

/** 2.5 MB of runs of 128 pixels each. */
function longRuns(width: number, height: number): Buffer {
  const head = Buffer.alloc(18);
  head[2] = 10;
  head.writeUInt16LE(width, 12);
  head.writeUInt16LE(height, 14);
  head[16] = 32;
  const run = Buffer.from([0xff, 1, 2, 3, 4]);
  return Buffer.concat([head, ...Array.from({ length: Math.ceil(width * height / 128) }, () => run)]);
}

/** The last scan again and again: each one costs a pass over all pixels. */
function scans(jpeg: Buffer, times: number): Buffer {
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  return Buffer.concat([
    jpeg.subarray(0, -2),
    ...Array.from({ length: times }, () => jpeg.subarray(last, -2)),
    jpeg.subarray(-2),
  ]);
}

function frames(gif: Buffer, times: number): Buffer {
  const start = gif.lastIndexOf(0x2c, -2);
  return Buffer.concat([
    gif.subarray(0, -1),
    ...Array.from({ length: times }, () => gif.subarray(start, -1)),
    gif.subarray(-1),
  ]);
}

/** A directory that names itself as the next one. */
function circularTiff(): Buffer {
  const file = Buffer.alloc(8 + 2 + 12 * 2 + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(2, 8);
  [[256, 3, 1, 4], [257, 3, 1, 4]].forEach(([tag = 0, type = 0, count = 0, value = 0], index) => {
    file.writeUInt16LE(tag, 10 + 12 * index);
    file.writeUInt16LE(type, 12 + 12 * index);
    file.writeUInt32LE(count, 14 + 12 * index);
    file.writeUInt32LE(value, 18 + 12 * index);
  });
  file.writeUInt32LE(8, 34);
  return file;
}

const svg = (body: string, attributes = 'width="64" height="64"', prologue = '') =>
  `${prologue}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xi="http://www.w3.org/2001/XInclude" ${attributes}>${body}</svg>`;

/**
 * SVG that asks for files and addresses. Drawn, each must look as if they were not there. @param secret Path of a red
 * PNG. @param origin Of a server that counts.
 */
export function nosySvgs(secret: string, origin: string): PictureSample[] {
  const addresses = [
    `file://${secret}`,
    secret,
    `${origin}/beacon.png`,
    `//${origin.replace(/^http:\/\//, '')}/beacon.png`,
    'file:///etc/passwd',
    '../elsewhere/canary.txt',
  ];
  const bodies = addresses.flatMap(address => [
    svg(`<image href="${address}" width="64" height="64"/>`),
    svg(`<image xlink:href="${address}" width="64" height="64"/>`),
    svg(`<use href="${address}#x"/>`),
    svg(`<feImage href="${address}"/>`),
    svg(
      `<filter id="f"><feImage href="${address}" width="64" height="64"/></filter><rect width="64" height="64" filter="url(#f)"/>`,
    ),
    svg(`<rect width="64" height="64" fill="url(${address}#g)"/>`),
    svg(`<style>@import url("${address}"); rect { fill: url(${address}) }</style><rect width="64" height="64"/>`),
    svg('', undefined, `<?xml-stylesheet href="${address}" type="text/css"?>`),
    svg(`<xi:include href="${address}" parse="text"/>`),
    svg('<text y="20">&secret;</text>', undefined, `<!DOCTYPE svg [<!ENTITY secret SYSTEM "${address}">]>`),
    svg('<text y="20">x</text>', undefined, `<!DOCTYPE svg [<!ENTITY % dtd SYSTEM "${address}"> %dtd;]>`),
    svg('', undefined, `<!DOCTYPE svg SYSTEM "${address}">`),
    svg(
      `<foreignObject width="64" height="64"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${address}"/></foreignObject>`,
    ),
    svg(
      `<script href="${address}"/><script>fetch("${address}")</script>`,
      `onload="fetch('${address}')" width="64" height="64"`,
    ),
    svg(
      `<image href="data:image/svg+xml;utf8,${
        encodeURIComponent(svg(`<image href="${address}" width="64" height="64"/>`))
      }" width="64" height="64"/>`,
    ),
  ]);
  return bodies.map((body, index) => ({ name: `nosy-${index}.svg`, bytes: Buffer.from(body) }));
}

/** SVG that asks for time and memory. */
export function greedySvgs(): PictureSample[] {
  const levels = (count: number, inner: string, wrap: (id: number) => string) =>
    inner + Array.from({ length: count }, (_, index) => wrap(index + 1)).join('');
  const laughs = `<!DOCTYPE svg [<!ENTITY l0 "ha">${
    Array.from({ length: 12 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join('')
  }]>`;
  const quadratic = `<!DOCTYPE svg [<!ENTITY big "${'a'.repeat(50_000)}">]>`;
  const bodies: Readonly<Record<string, string>> = {
    laughs: svg('<text>&l12;</text>', undefined, laughs),
    quadratic: svg(`<text>${'&big;'.repeat(2000)}</text>`, undefined, quadratic),
    usesInDefs: svg(
      `<defs>${
        levels(
          22,
          '<g id="u0"><rect width="2" height="2"/></g>',
          id => `<g id="u${id}"><use href="#u${id - 1}"/><use href="#u${id - 1}" x="1"/></g>`,
        )
      }</defs><use href="#u22"/>`,
    ),
    patterns: svg(
      `<defs>${
        levels(
          10,
          '<pattern id="p0" width="1" height="1" patternUnits="userSpaceOnUse"><rect width="1" height="1"/></pattern>',
          id =>
            `<pattern id="p${id}" width="1" height="1" patternUnits="userSpaceOnUse"><rect width="64" height="64" fill="url(#p${
              id - 1
            })"/></pattern>`,
        )
      }</defs><rect width="64" height="64" fill="url(#p10)"/>`,
    ),
    masks: svg(
      `<defs>${
        levels(20, '<mask id="m0"><rect width="64" height="64"/></mask>', id =>
          `<mask id="m${id}"><rect width="64" height="64" mask="url(#m${
            id - 1
          })"/><rect width="64" height="64" mask="url(#m${id - 1})"/></mask>`)
      }</defs><rect width="64" height="64" mask="url(#m20)"/>`,
    ),
    filters: svg(
      `<filter id="f" x="-1000%" y="-1000%" width="3000%" height="3000%">${
        '<feTurbulence baseFrequency="0.01" numOctaves="99999"/><feGaussianBlur stdDeviation="5000"/><feMorphology operator="dilate" radius="500"/>'
          .repeat(20)
      }</filter><rect width="64" height="64" filter="url(#f)"/>`,
    ),
    deep: svg('<g>'.repeat(100_000) + '</g>'.repeat(100_000)),
    deepFew: svg('<g>'.repeat(250) + '<rect width="9" height="9"/>' + '</g>'.repeat(250)),
    path: svg(`<path d="M0 0 ${'L 1 1 '.repeat(300_000)}"/>`),
    dashes: svg('<path d="M0 0 L 1e9 1e9" stroke="red" stroke-width="1e9" stroke-dasharray="0.0001 0.0001"/>'),
    numbers: svg(
      '<rect width="1e308" height="1e308" transform="scale(1e300) rotate(1e300)"/><circle r="NaN"/><text font-size="1e9">x</text>',
    ),
    big: svg('<rect width="9" height="9"/>', 'width="16383" height="16383"'),
    tooBig: svg('', 'width="1e9" height="1e9"'),
    viewBox: svg('<rect width="9" height="9"/>', 'viewBox="0 0 1e-30 1e30"'),
    negative: svg('<rect width="9" height="9"/>', 'width="-5" height="-5"'),
    percent: svg('<rect width="9" height="9"/>', 'width="100000%" height="100000%"'),
    attributes: svg(`<rect ${Array.from({ length: 50_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`),
    css: svg(`<style>${'rect '.repeat(20_000)}{fill:red}${'a,'.repeat(50_000)}b{}</style><rect width="9" height="9"/>`),
    selfPattern: svg(
      '<pattern id="p" width="1" height="1"><rect width="9" height="9" fill="url(#p)"/></pattern><rect width="64" height="64" fill="url(#p)"/>',
    ),
    selfUse: svg('<g id="u"><use href="#u"/></g>'),
    selfImage: svg(`<image href="data:image/png;base64,${'A'.repeat(2_000_000)}" width="9" height="9"/>`),
  };
  return Object.entries(bodies).map(([name, body]) => ({ name: `greedy-${name}.svg`, bytes: Buffer.from(body) }));
}

/** Files that are two things at once, or name one kind and are another. */
export async function polyglots(): Promise<PictureSample[]> {
  const one = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).png().toBuffer();
  const gif = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).gif().toBuffer();
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).jpeg().toBuffer();
  const zip = Buffer.from('504b0506' + '00'.repeat(18), 'hex');
  return [
    { name: 'png-then-zip.png', bytes: Buffer.concat([one, zip]) },
    {
      name: 'gif-then-script.gif',
      bytes: Buffer.concat([gif, Buffer.from('*/=1;alert(1)//<script>alert(1)</script>')]),
    },
    { name: 'jpeg-in-png.png', bytes: Buffer.concat([one.subarray(0, 8), jpeg]) },
    {
      name: 'svg-in-jpeg.svg',
      bytes: Buffer.concat([
        jpeg.subarray(0, 20),
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      ]),
    },
    { name: 'pdf.png', bytes: Buffer.from('%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>endobj') },
    { name: 'postscript.svg', bytes: Buffer.from('%!PS\n<svg xmlns="http://www.w3.org/2000/svg"/>') },
    {
      name: 'mvg.svg',
      bytes: Buffer.from('push graphic-context\nfill "url(https://127.0.0.1/|ls)"\npop graphic-context'),
    },
    {
      name: 'html.svg',
      bytes: Buffer.from(
        '<!DOCTYPE html><html><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg></html>',
      ),
    },
    {
      name: 'utf16.svg',
      bytes: Buffer.from('\ufeff<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'utf16le'),
    },
    { name: 'nul.svg', bytes: Buffer.from('<svg \0 xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>') },
    { name: 'empty.png', bytes: Buffer.alloc(0) },
    { name: 'signature.png', bytes: one.subarray(0, 8) },
    ...[
      'II*\0',
      'MM\0*',
      'II+\0',
      'RIFF\0\0\0\0WEBP',
      '\0\0\0\x18ftypavif',
      '\0\0\0\x18ftypheic',
      'GIF89a',
      '\xff\xd8\xff',
      'BM',
      'P6 9 9 255\n',
      'P1 99999999999 1 ',
      '\0\0\x02\0\0\0\0\0\0\0\0\0\xff\x7f\xff\x7f\x20\x20',
      '\0\0\x0a\0\0\0\0\0\0\0\0\0\xff\x7f\xff\x7f\x18\x20',
      '<svg ',
      '<?xml',
    ].map((head, index) => ({
      name: `head-${index}.png`,
      bytes: Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(64)]),
    })),
  ];
}
