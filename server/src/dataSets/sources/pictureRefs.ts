/** Pictures that lines name: where they lie, and what their files say of their size. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { PixelSize } from '../../../../datasets/src/forms/placedObject';
import { isElsewhere, machineOf, machineOfPath } from '../../../../paligemma/src/otherMachines';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { readHeader, SIZE_BYTES } from '../../workspace/imageHeader';
import type { PictureRef } from './source';

const MOST_SHOWN = 200;
const MOST_KNOWN = 10_000;

/** @param folder That the name is relative to. @returns A sentence for a name that is none of a file on this machine. */
export function pictureRef(folder: string, written: string): PictureRef | string {
  const shown = written.slice(0, MOST_SHOWN);
  if (written.trim() === '' || written.includes('\0')) return l10n.t('The name of the picture is empty or damaged.');
  if (/^(?:https?|data|s3|gs|hf):/i.test(written)) {
    return l10n.t('“{0}” is an address, and pictures are not fetched. Download it and name the file.', shown);
  }
  if (isElsewhere(machineOf(written), [machineOfPath(folder)])) {
    return l10n.t('“{0}” is on another machine, and no line of a data set may have it opened there.', shown);
  }
  return { written, path: path.resolve(folder, written) };
}

/** What the files of pictures say, each read once as long as it is remembered. */
export class PictureSizes {
  /** Least recently asked first. */
  private readonly known = new Map<string, PixelSize | 'missing' | 'unknown'>();

  /** Upright, as a viewer shows it. Never rejects. */
  async of(imagePath: string): Promise<PixelSize | 'missing' | 'unknown'> {
    const known = this.known.get(imagePath);
    if (known !== undefined) return known;
    const size = await sizeOf(imagePath);
    this.known.set(imagePath, size);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return size;
  }
}

async function sizeOf(imagePath: string): Promise<PixelSize | 'missing' | 'unknown'> {
  if (await leadsElsewhere(imagePath)) return 'missing';
  try {
    const { widthPx, heightPx } = await readHeader(imagePath, SIZE_BYTES);
    return widthPx === undefined || heightPx === undefined ? 'unknown' : { widthPx, heightPx };
  } catch {
    return 'missing';
  }
}
