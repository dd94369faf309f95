/** What is wrong with the pictures that a line names. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { LineReport, type TextFault } from '../../../../datasets/src/findings/lineReport';
import type { Finding } from '../../../../datasets/src/findings/finding';
import type { LineText } from '../../../../datasets/src/lines/lineText';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import type { FindingCode } from '../../../../datasets/src/findings/findingCodes';
import { isElsewhere, machineOf, machineOfPath } from '../../../../paligemma/src/otherMachines';
import { pathOfUri } from '../../workspace/filePaths';
import { DiskNames } from './diskNames';
import { KnownPictures, type PictureFacts } from './knownPictures';

/** What a picture's name is found to be. */
export interface PictureVerdict {
  /** Absolute; undefined where it is none of this machine. */
  readonly place?: string;
  readonly facts?: PictureFacts;
  readonly code?: FindingCode;
  readonly parts?: readonly string[];
  /** What the line should say. */
  readonly meant?: string;
}

const address = /^(?:[a-z][a-z0-9+.-]+:\/\/|data:)/i;
const windowsPath = /^[A-Za-z]:[\\/]/;

export class PictureChecks {
  /** @param foldsCase Whether the system finds a name whatever the case of its letters. */
  constructor(
    private readonly pictures = new KnownPictures(),
    private readonly names = new DiskNames(),
    private readonly foldsCase = process.platform === 'win32' || process.platform === 'darwin',
  ) {}

  /** @param folder Of the data set's file, absolute. @param written As the line has it. Never rejects. */
  async verdict(folder: string, written: string): Promise<PictureVerdict> {
    if (isElsewhere(machineOf(written), [machineOfPath(folder)])) {
      return { code: 'picture-elsewhere', parts: [written] };
    }
    const isUri = /^file:/i.test(written);
    if (!isUri && address.test(written)) return { code: 'picture-address', parts: [written] };
    const named = isUri ? pathOfUri(written) : written;
    if (named === undefined || named === '') return { code: 'picture-missing', parts: [written, ''] };
    const isAbsolute = path.isAbsolute(named) || windowsPath.test(named);
    const place = path.resolve(folder, named);
    const facts = await this.pictures.facts(place);
    const found = { place, facts };
    switch (facts.state) {
      case 'elsewhere':
        return { ...found, code: 'picture-elsewhere', parts: [written] };
      case 'folder':
        return { ...found, code: 'picture-folder', parts: [written] };
      case 'unreadable':
        return { ...found, code: 'picture-unreadable', parts: [written] };
      case 'missing':
        return { ...found, ...await this.missing(folder, named, isAbsolute) };
      case 'picture':
        return { ...found, ...await this.placed(folder, { place, written: named, isAbsolute: isAbsolute || isUri }) };
    }
  }

  private async missing(folder: string, named: string, isAbsolute: boolean): Promise<PictureVerdict> {
    const other = isAbsolute ? undefined : await this.onDisk(folder, named);
    return other === undefined
      ? { code: 'picture-missing', parts: [named, isAbsolute ? 'absolute' : ''] }
      : { code: 'picture-letter-case', parts: [named, other], meant: other };
  }

  private async placed(
    folder: string,
    { place, written, isAbsolute }: { readonly place: string; readonly written: string; readonly isAbsolute: boolean },
  ): Promise<PictureVerdict> {
    const relative = path.relative(folder, place);
    const isInside = relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
    if (isAbsolute) {
      const meant = isInside ? { meant: relative.split(path.sep).join('/') } : {};
      return { code: 'picture-absolute', parts: [written], ...meant };
    }
    if (!isInside) return { code: 'picture-outside', parts: [written] };
    const other = this.foldsCase ? await this.onDisk(folder, written) : undefined;
    return other === undefined ? {} : { code: 'picture-letter-case', parts: [written, other], meant: other };
  }

  /** The path as the disk has it, where that is another one. */
  private async onDisk(folder: string, written: string): Promise<string | undefined> {
    const names = written.split(path.sep === '\\' ? /[\\/]/ : '/');
    const other = (await this.names.written(folder, names))?.join('/');
    return other === undefined || other === names.join('/') ? undefined : other;
  }
}

/** @param verdicts By what is written; names that are not among them are not judged. */
export function pictureFindings(
  line: LineText,
  { images }: SetLine,
  verdicts: ReadonlyMap<string, PictureVerdict>,
): readonly Finding[] {
  const report = new LineReport(line);
  for (const image of images) {
    const { code, parts = [], meant } = verdicts.get(image.value) ?? {};
    if (code === undefined) continue;
    const whole = { from: 0, to: image.value.length };
    const fault: TextFault = {
      code,
      ...whole,
      parts,
      ...(meant === undefined
        ? {}
        : { fix: { title: l10n.t('Write “{0}”', meant), edits: [{ ...whole, text: meant }] } }),
    };
    report.addTo(image, [fault]);
  }
  return report.all();
}
