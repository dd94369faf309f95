/** How pictures are named in a new data set: where they lie, or as copies in it. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { isThere, placeCopy, placeFile, RefusedFile, type WriteOutcome } from '../../../../batch/src/disk';
import { relativeTo } from '../../../../batch/src/relativePaths';
import { isImagePath } from '../../../../paligemma/src/pictureTypes';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { statOf } from '../../workspace/filePaths';
import type { PictureRef } from '../sources/source';

/** A picture as it stands in the new file; a sentence where it cannot be there. */
export type Placed = { readonly written: string; readonly path: string } | string;

export class PicturePlaces {
  /** Files of pictures that were made. */
  copies = 0;
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

  /** Where files of pictures are made. */
  get into(): string {
    return this.folder ?? path.join(path.dirname(this.file), 'pictures');
  }

  /** @throws RefusedFile where a copy cannot be written. */
  async place(ref: PictureRef): Promise<Placed> {
    const { folder, file } = this;
    if (folder === undefined && ref.bytes === undefined) return { written: relativeTo(file, ref.path), path: ref.path };
    const key = ref.bytes === undefined ? ref.path : `${ref.path}\n${ref.bytes.length}\n${this.names.size}`;
    const known = this.names.get(key);
    const target = path.join(this.into, known ?? this.freeName(path.basename(ref.path)));
    if (known === undefined && target !== ref.path) {
      const fault = ref.bytes === undefined ? await this.copy(ref.path, target) : await this.write(ref.bytes, target);
      if (fault !== undefined) return fault;
    }
    this.names.set(key, path.basename(target));
    return { written: relativeTo(file, target), path: target };
  }

  private async write(bytes: Uint8Array, target: string): Promise<string | undefined> {
    return this.outcome(await placeFile(target, bytes, this.replaces), target);
  }

  private outcome(outcome: WriteOutcome, target: string): string | undefined {
    if (outcome === 'kept') return alreadyThere(target);
    this.copies++;
    return undefined;
  }

  private async copy(from: string, target: string): Promise<string | undefined> {
    if (!isImagePath(from) || await leadsElsewhere(from)) return l10n.t('“{0}” is no picture.', path.basename(from));
    if ((await statOf(from))?.isFile() !== true) return l10n.t('There is no picture {0}.', from);
    if (!this.replaces && isThere(target)) return alreadyThere(target);
    try {
      return this.outcome(await placeCopy(from, target, this.replaces), target);
    } catch (error) {
      if (!(error instanceof RefusedFile)) throw error;
      return l10n.t('The picture {0} cannot be copied ({1}).', from, error.code ?? error.message);
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
