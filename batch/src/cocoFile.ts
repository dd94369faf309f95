/**
 * One COCO file for all pictures. It has to be written as a whole, so answers are kept in a file of lines beside it
 * until the batch ends; where the process was killed, the next one finds them there.
 */
import { CocoSet, cocoPicture, type CocoPicture } from '../../paligemma/src/answers/coco';
import { jsonText } from '../../paligemma/src/answers/json';
import { isRecord } from '../../paligemma/src/checks';
import { objectsOf } from '../../paligemma/src/prompts';
import { parseShallow } from '../../paligemma/src/shallowJson';
import type { Answer } from './answer';
import type { AnswerWriter } from './answerWriter';
import {
  addText,
  eachLine,
  endLastLine,
  readText,
  removeFile,
  removeLink,
  replaceNamedFile,
  type WriteOutcome,
} from './disk';
import { exportSource } from './pictureFiles';
import type { SingleTarget } from './plan';
import { relativeTo } from './relativePaths';

export class CocoFile implements AnswerWriter {
  private hasWritten = false;
  /** What the file holds is not of this batch, and goes. */
  private replaces: boolean;

  /** @param isResumed The batch wrote before, so nothing of that is replaced. */
  constructor(private readonly target: SingleTarget, private readonly isResumed: boolean) {
    this.replaces = target.replaces;
  }

  async write(_index: number, answer: Answer): Promise<WriteOutcome> {
    const { path } = this.target;
    if (!this.hasWritten) await this.begin(keptPath(path));
    const picture = cocoPicture(exportSource(answer, relativeTo(path, answer.imagePath)));
    await addText(keptPath(path), `${jsonText({ prompt: answer.prompt, replaces: this.replaces, ...picture })}\n`);
    this.hasWritten = true;
    return 'written';
  }

  async finish(): Promise<void> {
    const { target: { path, replaces }, hasWritten, isResumed } = this;
    if (replaces && !isResumed && !hasWritten) return;
    const kept = await readKept(path);
    if (kept.length === 0) return;
    const set = new CocoSet(kept[0]?.prompt ?? '');
    if (!(replaces && areReplacing(kept))) set.takeOver(parsed(await readText(path) ?? ''));
    set.name(kept.flatMap(({ prompt }) => objectsOf(prompt)));
    for (const { image, annotations } of kept) if (!set.fileNames.has(image.file_name)) set.add({ image, annotations });
    await replaceNamedFile(path, set.text());
    // What is kept of it is written once more by the next batch, and changes nothing.
    await removeFile(keptPath(path)).catch(() => undefined);
  }

  private async begin(kept: string): Promise<void> {
    await removeLink(kept);
    if (this.replaces && !this.isResumed) await removeFile(kept);
    // Where it was brought to its end before, what the file holds is of this batch.
    else if (this.replaces) this.replaces = areReplacing(await readKept(this.target.path));
    await endLastLine(kept, line => parsed(line) === undefined);
  }
}

/**
 * The pictures that are answered in a COCO file, and in what a killed batch left beside it; undefined where it is none.
 * @param replaces The batch replaces what others wrote.
 */
export async function imagesInCoco(path: string, replaces: boolean): Promise<readonly string[] | undefined> {
  const kept = await readKept(path);
  const set = new CocoSet('');
  const text = replaces && areReplacing(kept) ? '' : await readText(path) ?? '';
  if (text.trim() !== '' && !set.takeOver(parsed(text))) return undefined;
  return [...set.fileNames, ...kept.map(({ image }) => image.file_name)];
}

interface KeptPicture extends CocoPicture {
  readonly prompt: string;
  readonly replaces: boolean;
}

async function readKept(path: string): Promise<readonly KeptPicture[]> {
  const kept: KeptPicture[] = [];
  await eachLine(keptPath(path), line => {
    const value = parsed(line);
    if (isKept(value)) kept.push(value);
  });
  return kept;
}

function areReplacing(kept: readonly KeptPicture[]): boolean {
  return kept.some(({ replaces }) => replaces);
}

function keptPath(path: string): string {
  return `${path}.partial`;
}

function isKept(value: unknown): value is KeptPicture {
  return isRecord(value) && typeof value['prompt'] === 'string' && typeof value['replaces'] === 'boolean'
    && isRecord(value['image']) && typeof value['image']['file_name'] === 'string'
    && Array.isArray(value['annotations']);
}

function parsed(text: string): unknown {
  try {
    return parseShallow(text);
  } catch {
    return undefined;
  }
}
