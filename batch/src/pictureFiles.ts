/** A file for each picture: its text, or its regions. */
import path from 'node:path';
import type { ExportSource } from '../../paligemma/src/answers/exportSource';
import { pascalVocXml } from '../../paligemma/src/answers/pascalVoc';
import { sidecarText } from '../../paligemma/src/answers/sidecar';
import { classesText, extendedClasses, parseClasses, yoloLabels } from '../../paligemma/src/answers/yolo';
import { objectsOf } from '../../paligemma/src/prompts';
import type { Answer } from './answer';
import type { AnswerWriter } from './answerWriter';
import { isThere, placeFile, readText, type WriteOutcome } from './disk';
import type { PictureTarget } from './plan';

export const CLASSES_FILE = 'classes.txt';

/** @param fileName As the form names the picture. */
export function exportSource(answer: Answer, fileName: string): ExportSource {
  const { widthPx, heightPx, prompt, suffix, regions } = answer;
  return { fileName, widthPx, heightPx, prompt, suffix, regions };
}

export class PictureFiles implements AnswerWriter {
  /** Of YOLO: the names of the classes, in the order of their numbers, and what the disk has of them. */
  private classes: readonly string[] | undefined;

  constructor(private readonly target: PictureTarget) {}

  async write(index: number, answer: Answer): Promise<WriteOutcome> {
    const { paths, replaces } = this.target;
    const filePath = paths[index] ?? '';
    // Nothing is added to the classes for a picture whose file stays.
    if (!replaces && isThere(filePath)) return 'kept';
    return placeFile(filePath, await this.textOf(answer), replaces);
  }

  async finish(): Promise<void> {}

  private async textOf(answer: Answer): Promise<string> {
    const source = exportSource(answer, path.basename(answer.imagePath));
    switch (this.target.kind) {
      case 'sidecars':
        return sidecarText(answer);
      case 'voc':
        return pascalVocXml(source, path.basename(path.dirname(answer.imagePath)));
      case 'yolo':
        return yoloLabels(source, await this.classesFor(source));
    }
  }

  /**
   * Names that are there keep their numbers; what was asked for comes next, in its order, so that the same prompt gives
   * the same numbers in every folder. They are on the disk before a label that says one of them.
   */
  private async classesFor(source: ExportSource): Promise<readonly string[]> {
    const { folder, paths } = this.target;
    const filePath = path.join(folder ?? path.dirname(paths[0] ?? ''), CLASSES_FILE);
    const known = this.classes ?? parseClasses(await readText(filePath) ?? '');
    const extended = extendedClasses([...new Set([...known, ...objectsOf(source.prompt)])], source);
    if (extended.length > known.length) await placeFile(filePath, classesText(extended), true);
    return this.classes = extended;
  }
}
