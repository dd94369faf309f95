/** How a picture is called that lies in a table as bytes, once it becomes a file. */

/** By the first bytes, read as Latin-1: the endings that such files have, the usual one first. */
const kinds: readonly (readonly [signature: RegExp, endings: readonly string[]])[] = [
  [/^\x89PNG\r\n\x1a\n/, ['.png']],
  [/^\xff\xd8\xff/, ['.jpg', '.jpeg', '.jpe', '.jfif']],
  [/^RIFF[^]{4}WEBP/, ['.webp']],
  [/^GIF8[79]a/, ['.gif']],
  [/^BM/, ['.bmp']],
  [/^(?:II[*+]\0|MM\0[*+])/, ['.tif', '.tiff']],
  [/^[^]{4}ftypavi[fs]/, ['.avif']],
  [/^[^]{4}ftyp(?:hei|hev|mif1|msf1)/, ['.heic', '.heif']],
];
const SIGNATURE_BYTES = 16;
/** Neither of another folder nor hidden, nor what some system cannot have. */
const plainStem = /^(?!\.|(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[^\p{C}/\\:*?"<>|]{1,120}$/iu;

/**
 * @param told What the table says, a path or nothing: its last part is kept where it is a plain name. @param stem In its place.
 * @returns With the ending of what the bytes are; undefined where they are no picture.
 */
export function packedName(told: string, stem: string, bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, SIGNATURE_BYTES)).toString('latin1');
  const endings = kinds.find(([signature]) => signature.test(start))?.[1];
  if (endings === undefined) return undefined;
  const [, named = '', ending = ''] = /^(.*?)(\.[^.]*)?$/s.exec(told.split(/[\\/]/).at(-1) ?? '') ?? [];
  const plain = plainStem.test(named) && !/[. ]$/.test(named) ? named : stem;
  return plain + (endings.includes(ending.toLowerCase()) ? ending : endings[0] ?? '');
}
