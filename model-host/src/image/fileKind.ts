/** What a file is, by its first bytes: names lie, and unknown bytes never reach the native decoders. */
import * as l10n from '@vscode/l10n';

/**
 * Kinds that are read: by sharp, and `bmp`, `gif`, `pnm` and `tga` by our own decoders. `heif` covers AVIF, and
 * HEIC, which has a decoder in a process of its own, as `pdf` has.
 */
export type ReadableKind = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif' | 'svg' | 'bmp' | 'pnm' | 'tga' | 'pdf';

export type FileKind =
  | { readonly readable: true; readonly kind: ReadableKind; readonly name: string }
  /** `name` is undefined where the bytes tell nothing. */
  | { readonly readable: false; readonly name: string | undefined };

const readableSignatures: readonly (readonly [ReadableKind, string, RegExp])[] = [
  ['jpeg', 'JPEG', /^\xff\xd8\xff/],
  ['png', 'PNG', /^\x89PNG\r\n\x1a\n/],
  ['gif', 'GIF', /^GIF8[79]a/],
  ['webp', 'WebP', /^RIFF[^]{4}WEBP/],
  // A raw photograph of Canon is no picture to any reader of TIFF.
  ['tiff', 'TIFF', /^(?:II[*+]\0(?![^]{4}CR\x02)|MM\0[*+])/],
  ['heif', 'AVIF', /^[^]{4}ftypavi[fs]/],
  ['heif', 'HEIC', /^[^]{4}ftyp(?:hei[csmx]|hev[cmsx]|mif1|msf1)/],
  ['bmp', 'BMP', /^BM[^]{12}(?:\x0c|[\x28\x34\x38\x40\x6c\x7c])\0\0\0/],
  // A number follows the magic, be it behind comments: text may begin with “P1 ”.
  ['pnm', 'PBM', /^P[14](?:\s|#[^\r\n]*[\r\n])+\d/],
  ['pnm', 'PGM', /^P[25](?:\s|#[^\r\n]*[\r\n])+\d/],
  ['pnm', 'PPM', /^P[36](?:\s|#[^\r\n]*[\r\n])+\d/],
  ['pdf', 'PDF', /^%PDF-/],
];

/**
 * Targa begins with no signature, but with a header that says little: kind and depth, a palette only where there is
 * one, and no size of zero.
 */
const tgaStart =
  /^[^](?:\0[\x02\x03\x0a\x0b]\0{5}|[\x01][\x01-\x03\x09-\x0b][^]{4}[\x0f\x10\x18\x20])[^]{4}(?!\0\0|[^]{2}\0\0)[^]{4}[\x08\x0f\x10\x18\x20][\x00-\x3f]/;

/** What else a picture is taken for: its name stands behind “is”, in the language of the moment. */
const otherSignatures: readonly (readonly [name: () => string, RegExp])[] = [
  [() => l10n.t('a Photoshop file'), /^8BPS/],
  [() => l10n.t('a JPEG XL picture'), /^(?:\xff\x0a|\0\0\0\x0cJXL )/],
  [() => l10n.t('a JPEG 2000 picture'), /^(?:\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/],
  [() => l10n.t('an icon file'), /^\0\0[\x01\x02]\0[^\0]/],
  [() => l10n.t('a DDS texture'), /^DDS /],
  [() => l10n.t('a PCX picture'), /^\x0a[\0\x02-\x05]\x01[\x01\x02\x04\x08]/],
  [() => l10n.t('a PAM picture'), /^P7\s/],
  [() => l10n.t('a PFM picture'), /^P[Ff]\s+\d/],
  [() => l10n.t('a QOI picture'), /^qoif/],
  [() => l10n.t('a GIMP picture'), /^gimp xcf/],
  [() => l10n.t('a FITS picture'), /^SIMPLE {2}=/],
  [() => l10n.t('a DICOM picture'), /^[^]{128}DICM/],
  [() => l10n.t('a Radiance picture'), /^#\?R(?:ADIANCE|GBE)/],
  [() => l10n.t('an EPS or PostScript document'), /^(?:%!PS|\xc5\xd0\xd3\xc6)/],
  [
    () => l10n.t('a raw photograph'),
    /^(?:II\*\0[^]{4}CR\x02|IIR[OS]|MMOR|IIU\0|FUJIFILMCCD-RAW|\0MRM|FOVb|[^]{4}ftypcrx )/,
  ],
  [() => l10n.t('a JPEG XR picture'), /^II\xbc/],
  [() => l10n.t('an SGI picture'), /^\x01\xda[\0\x01][\x01\x02]/],
  [() => l10n.t('a Sun raster picture'), /^\x59\xa6\x6a\x95/],
  [() => l10n.t('a macOS icon file'), /^icns/],
  [() => l10n.t('an XPM picture'), /^\/\* XPM \*\//],
  [() => l10n.t('an XBM picture'), /^(?:\/\*[^]{0,200}?\*\/\s*)?#define \w*_?width \d/],
  [() => l10n.t('a Windows metafile'), /^(?:\xd7\xcd\xc6\x9a|\x01\0{3}[^]{36} EMF)/],
  [() => l10n.t('a BPG picture'), /^BPG\xfb/],
  [() => l10n.t('a DjVu document'), /^AT&TFORM/],
  [() => l10n.t('an MNG animation'), /^[\x8a\x8b][MJ]NG\r\n\x1a\n/],
  [() => l10n.t('a KTX texture'), /^\xabKTX /],
  [() => l10n.t('a video'), /^(?:[^]{4}ftyp|\x1aE\xdf\xa3|RIFF[^]{4}AVI )/],
  [() => l10n.t('a compressed archive'), /^(?:PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ)/],
  [() => l10n.t('an OpenEXR picture'), /^v\/1\x01/],
  [() => l10n.t('a Git LFS pointer: the picture itself was not fetched'), /^version https:\/\/git-lfs/],
];

/** Bytes in which the signature must lie; an SVG may have a prologue of comments before its first tag. */
const HEAD_BYTES = 4096;
/** A page may begin in the same way, and have an SVG in it. */
const svgStart = /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE(?!\s+html)|!--|svg[\s>])/i;

/** Tells the kind of a file from its bytes. */
export function fileKind(bytes: Buffer): FileKind {
  const head = bytes.toString('latin1', 0, HEAD_BYTES);
  for (const [kind, name, signature] of readableSignatures) {
    if (signature.test(head)) return { readable: true, kind, name };
  }
  if (svgStart.test(head) && /<svg[\s>]/.test(head)) return { readable: true, kind: 'svg', name: 'SVG' };
  for (const [name, signature] of otherSignatures) {
    if (signature.test(head)) return { readable: false, name: name() };
  }
  if (tgaStart.test(head)) return { readable: true, kind: 'tga', name: 'TGA' };
  return { readable: false, name: looksLikeText(bytes) ? 'text' : undefined };
}

function looksLikeText(bytes: Buffer): boolean {
  const head = bytes.subarray(0, HEAD_BYTES);
  return head.every(byte => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
