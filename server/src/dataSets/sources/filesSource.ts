/** Sets with a file for each picture: YOLO and Pascal VOC. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { Refusal, Remark, SetObject } from '../../../../datasets/src/forms/setObject';
import { readVocXml } from '../../../../datasets/src/forms/vocXml';
import { readYoloLine, type YoloFacts } from '../../../../datasets/src/forms/yoloText';
import { readPlainText } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import { statOf } from '../../workspace/filePaths';
import { folderHolding, vocFolders } from './pictureFolders';
import { pictureRef } from './pictureRefs';
import type { Item, SetSource } from './source';
import { refused } from './textSource';

const MOST_FILE_BYTES = 16 << 20;

/** Where the labels of a picture lie: beside it, or below `labels` where it lies below `images`. Source: Ultralytics, `img2label_paths`. */
export function yoloLabelPath(picture: string): string {
  const parts = picture.split(path.sep);
  const images = parts.lastIndexOf('images');
  if (images >= 0) parts[images] = 'labels';
  return parts.join(path.sep).replace(/\.[^./\\]*$/, '') + '.txt';
}

export interface YoloFiles {
  readonly pictures: readonly string[];
  /** Labels whose picture is not there. */
  readonly orphans: readonly string[];
}

export class YoloSource implements SetSource {
  readonly form = 'yolo';

  constructor(
    readonly file: string,
    private readonly files: YoloFiles,
    private readonly facts: YoloFacts,
    readonly split: string | undefined,
  ) {}

  classes(): Promise<readonly string[]> {
    return Promise.resolve(this.facts.names);
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    for (const label of this.files.orphans) {
      yield refused(shown(this.file, label), l10n.t('There is no picture for these labels.'));
    }
    for (const picture of this.files.pictures) {
      throwIfCancelled(token);
      yield await this.itemOf(picture);
    }
  }

  private async itemOf(picture: string): Promise<Item> {
    const labels = yoloLabelPath(picture);
    const [objects, refusals, remarks]: [SetObject[], Refusal[], Remark[]] = [[], [], []];
    // A picture without labels is one of nothing, to this form.
    const text = await readPlainText(labels, MOST_FILE_BYTES);
    if (text === undefined && await statOf(labels) !== undefined) {
      refusals.push({ place: shown(this.file, labels), message: l10n.t('The labels cannot be read.') });
    }
    (text ?? '').split('\n').forEach((line, index) => {
      if (line.trim() === '') return;
      const place = `${shown(this.file, labels)}:${index + 1}`;
      const read = readYoloLine(line, this.facts.names, this.facts.keypoints, place);
      if (typeof read === 'string') {
        refusals.push({ place, message: read });
      } else {
        objects.push(read.object);
        if (read.hasKeypoints) remarks.push('keypoints');
      }
    });
    const written = shown(this.file, picture);
    return {
      place: written,
      entry: { kind: 'objects', picture: { written, path: picture }, objects },
      refusals,
      remarks,
    };
  }
}

export class VocSource implements SetSource {
  readonly form = 'voc';

  /** @param annotations Absolute. */
  constructor(
    readonly file: string,
    private readonly annotations: readonly string[],
    readonly split: string | undefined,
  ) {}

  classes(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    for (const annotation of this.annotations) {
      throwIfCancelled(token);
      yield await this.itemOf(annotation);
    }
  }

  private async itemOf(annotation: string): Promise<Item> {
    const place = shown(this.file, annotation);
    const text = await readPlainText(annotation, MOST_FILE_BYTES);
    if (text === undefined) return refused(place, l10n.t('The annotation cannot be read.'));
    const read = readVocXml(text);
    if (typeof read === 'string') return refused(place, read);
    const { fileName, widthPx, heightPx, objects, refusals } = read;
    const stem = path.basename(annotation, path.extname(annotation));
    // What a tool on another machine wrote there may be a whole path of it.
    const written = (fileName ?? '').split(/[\\/]/).at(-1) || `${stem}.jpg`;
    const picture = pictureRef(await folderHolding(vocFolders(annotation), [written]), written);
    if (typeof picture === 'string') return refused(place, picture);
    return {
      place,
      entry: {
        kind: 'objects',
        picture,
        size: { widthPx, heightPx },
        objects: objects.map(object => ({ ...object, place: `${place}, ${object.place}` })),
      },
      refusals: refusals.map(refusal => ({ ...refusal, place: `${place}, ${refusal.place}` })),
      remarks: [],
    };
  }
}

function shown(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/') || path.basename(file);
}
