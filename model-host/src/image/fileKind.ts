/** What a file is, by its first bytes: names lie, and unknown bytes never reach the native decoders. */

/**
 * Kinds that are read: by sharp, and `bmp` by our own decoder. `heif` covers AVIF, and HEIC as far as sharp's build
 * goes.
 */
export type ReadableKind = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif' | 'svg' | 'bmp';

export type FileKind =
  | { readonly readable: true; readonly kind: ReadableKind; readonly name: string }
  /** `name` is undefined where the bytes tell nothing. */
  | { readonly readable: false; readonly name: string | undefined };

const readableSignatures: readonly (readonly [ReadableKind, string, RegExp])[] = [
  ['jpeg', 'JPEG', /^\xff\xd8\xff/],
  ['png', 'PNG', /^\x89PNG\r\n\x1a\n/],
  ['gif', 'GIF', /^GIF8[79]a/],
  ['webp', 'WebP', /^RIFF[^]{4}WEBP/],
  ['tiff', 'TIFF', /^(?:II[*+]\0|MM\0[*+])/],
  ['heif', 'AVIF', /^[^]{4}ftypavi[fs]/],
  ['heif', 'HEIC', /^[^]{4}ftyp(?:hei[csmx]|hev[cmsx]|mif1|msf1)/],
  ['bmp', 'BMP', /^BM[^]{12}(?:\x0c|[\x28\x34\x38\x40\x6c\x7c])\0\0\0/],
];

const otherSignatures: readonly (readonly [string, RegExp])[] = [
  ['a PDF document', /^%PDF-/],
  ['a Photoshop file', /^8BPS/],
  ['a JPEG XL picture', /^(?:\xff\x0a|\0\0\0\x0cJXL )/],
  ['a JPEG 2000 picture', /^(?:\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/],
  ['an icon file', /^\0\0[\x01\x02]\0[^\0]/],
  ['a video', /^(?:[^]{4}ftyp|\x1aE\xdf\xa3|RIFF[^]{4}AVI )/],
  ['a compressed archive', /^(?:PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ)/],
  ['an OpenEXR picture', /^v\/1\x01/],
  ['a Git LFS pointer: the picture itself was not fetched', /^version https:\/\/git-lfs/],
];

/** Bytes in which the signature must lie; an SVG may have a prologue of comments before its first tag. */
const HEAD_BYTES = 4096;
const svgStart = /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|!--|svg[\s>])/i;

/** Tells the kind of a file from its bytes. */
export function fileKind(bytes: Buffer): FileKind {
  const head = bytes.toString('latin1', 0, HEAD_BYTES);
  for (const [kind, name, signature] of readableSignatures) {
    if (signature.test(head)) return { readable: true, kind, name };
  }
  if (svgStart.test(head) && /<svg[\s>]/.test(head)) return { readable: true, kind: 'svg', name: 'SVG' };
  for (const [name, signature] of otherSignatures) if (signature.test(head)) return { readable: false, name };
  return { readable: false, name: looksLikeText(bytes) ? 'text' : undefined };
}

function looksLikeText(bytes: Buffer): boolean {
  const head = bytes.subarray(0, HEAD_BYTES);
  return head.every(byte => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
