/** PDF documents that ask for more than there is. */
import { deflateSync } from 'node:zlib';
import { pdfOf } from '../pdfs';
import type { PictureSample } from './pictures';

const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
const onePage = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>';
const page = (entries: string) => `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R ${entries} >>`;
const stream = (content: string, entries = '') =>
  `<< /Length ${content.length} ${entries} >>\nstream\n${content}\nendstream`;

/** Each is small, and unpacks, repeats or claims to be huge. */
export function documentBombs(): PictureSample[] {
  const zeros = deflateSync(Buffer.alloc(200_000_000, ' ')).toString('latin1');
  const twice = deflateSync(Buffer.from(zeros, 'latin1')).toString('latin1');
  const depth = 12;
  return [
    { name: 'unpacks.pdf', objects: [catalog, onePage, page(''), stream(zeros, '/Filter /FlateDecode')] },
    {
      name: 'unpacks-twice.pdf',
      objects: [catalog, onePage, page(''), stream(twice, '/Filter [/FlateDecode /FlateDecode]')],
    },
    {
      // Every form draws the next one ten times.
      name: 'forms-in-forms.pdf',
      objects: [
        catalog,
        onePage,
        page('/Resources << /XObject << /F 5 0 R >> >>'),
        stream('/F Do '.repeat(10)),
        ...Array.from({ length: depth }, (_, index) => {
          const next = index + 1 < depth ? `/Resources << /XObject << /F ${index + 6} 0 R >> >>` : '';
          const content = index + 1 < depth ? '/F Do '.repeat(10) : '0 0 200 200 re f';
          return stream(content, `/Type /XObject /Subtype /Form /BBox [0 0 200 200] ${next}`);
        }),
      ],
    },
    {
      name: 'form-in-itself.pdf',
      objects: [
        catalog,
        onePage,
        page('/Resources << /XObject << /F 5 0 R >> >>'),
        stream('/F Do'),
        stream('/F Do', '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>'),
      ],
    },
    {
      name: 'huge-image.pdf',
      objects: [
        catalog,
        onePage,
        page('/Resources << /XObject << /I 5 0 R >> >>'),
        stream('200 0 0 200 0 0 cm /I Do'),
        stream(
          deflateSync(Buffer.alloc(1_000_000)).toString('latin1'),
          '/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode',
        ),
      ],
    },
    {
      name: 'many-lines.pdf',
      objects: [
        catalog,
        onePage,
        page(''),
        stream(
          deflateSync(Buffer.from('0 0 m 200 200 l 0 200 l 200 0 l S\n'.repeat(2_000_000))).toString('latin1'),
          '/Filter /FlateDecode',
        ),
      ],
    },
    {
      name: 'deep-arrays.pdf',
      objects: [catalog, onePage, page(`/X ${'['.repeat(100_000)}${']'.repeat(100_000)}`), stream('')],
    },
  ].map(({ name, objects }) => ({ name, bytes: pdfOf(objects) }));
}
