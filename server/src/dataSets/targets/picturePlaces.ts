/** How pictures are named in a new data set: where they lie, or as copies in it. */
import * as l10n from '@vscode/l10n';
import { constants, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { isThere, placeFile } from '../../../../batch/src/disk';
import { relativeTo } from '../../../../batch/src/relativePaths';
import { isImagePath } from '../../../../paligemma/src/pictureTypes';
import { makeFolder } from '../../../../system/src/makeFolder';
import { errorCode } from '../../util/files';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { statOf } from '../../workspace/filePaths';
import type { PictureRef } from '../sources/source';

/** A picture as it stands in the new file; a sentence where it cannot be there. */
export type Placed = { readonly written: string; readonly path: string } | string;

export class PicturePlaces {
  private readonly names = new Map<string, string>();
  private readonly taken = new Set<string>();

  /**
   * @param file That names the pictures, absolute.
   * @param folder For copies, absolute; undefined: pictures stay where they are, and those without a file go into `pictures`.
   */
  constructor(
    private readonly file: string,
    private readonly folder: string | undefined,
    private readonly replaces: boolean,
  ) {}

  /** @throws RefusedFile where a copy cannot be written. */
  async place(ref: PictureRef): Promise<Placed> {
    const { folder, file } = this;
    if (folder === undefined && ref.bytes === undefined) return { written: relativeTo(file, ref.path), path: ref.path };
    const into = folder ?? path.join(path.dirname(file), 'pictures');
    const key = ref.bytes === undefined ? ref.path : `${ref.path}\n${ref.bytes.length}\n${this.names.size}`;
    const known = this.names.get(key);
    const target = path.join(into, known ?? this.freeName(path.basename(ref.path)));
    if (known === undefined && target !== ref.path) {
      const fault = ref.bytes === undefined ? await this.copy(ref.path, target) : await this.write(ref.bytes, target);
      if (fault !== undefined) return fault;
    }
    this.names.set(key, path.basename(target));
    return { written: relativeTo(file, target), path: target };
  }

  private async write(bytes: Uint8Array, target: string): Promise<string | undefined> {
    const outcome = await placeFile(target, bytes, this.replaces);
    return outcome === 'kept' ? alreadyThere(target) : undefined;
  }

  private async copy(from: string, target: string): Promise<string | undefined> {
    if (!isImagePath(from) || await leadsElsewhere(from)) return l10n.t('“{0}” is no picture.', path.basename(from));
    if ((await statOf(from))?.isFile() !== true) return l10n.t('There is no picture {0}.', from);
    if (!this.replaces && isThere(target)) return alreadyThere(target);
    await makeFolder(path.dirname(target));
    try {
      await copyFile(from, target, constants.COPYFILE_FICLONE);
      return undefined;
    } catch (error) {
      return l10n.t('The picture {0} cannot be copied ({1}).', from, errorCode(error) ?? String(error));
    }
  }

  private freeName(name: string): string {
    const { name: stem, ext } = path.parse(name);
    let free = name;
    for (let number = 2; this.taken.has(free.toLowerCase()); number++) free = `${stem}-${number}${ext}`;
    this.taken.add(free.toLowerCase());
    return free;
  }
}

function alreadyThere(target: string): string {
  return l10n.t('{0} is there already.', target);
}
