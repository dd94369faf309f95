/** What models answered to the questions of lines that are looked at: found in the background, told when asked again. */
import path from 'node:path';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import type { AnsweredLine } from '../../language/dataSets/setHints';
import { resolvePath } from '../../language/text/paths';
import { localImagePath } from '../../runs/imagePath';
import type { PictureHelp } from '../pictures/pictureHelp';

/** Questions whose answers are held. */
const MOST_KNOWN = 2_000;
/** Questions that wait at once: those of lines that were scrolled past are asked again when they come back. */
const MOST_WAITING = 200;

export class SetAnswers {
  /** By picture and prompt; undefined: none is known. */
  private readonly known = new Map<string, AnsweredLine | undefined>();
  private readonly waiting = new Map<string, { readonly imagePath: string; readonly prompt: string }>();
  private isBusy = false;
  /** Counts what was forgotten: an answer that was looked for before is none of what holds after it. */
  private age = 0;

  constructor(
    private readonly pictures: Pick<PictureHelp, 'known' | 'answer'>,
    private readonly onFound: () => void,
  ) {}

  /** What is known by now; starts to find out. */
  get(documentUri: string, read: SetLine): AnsweredLine | undefined {
    const imagePath = pictureOf(documentUri, read);
    const prompt = read.prefix?.value;
    if (imagePath === undefined || prompt === undefined) return undefined;
    const key = JSON.stringify([imagePath, prompt]);
    if (!this.known.has(key) && this.waiting.size < MOST_WAITING) {
      this.waiting.set(key, { imagePath, prompt });
      void this.look();
    }
    return this.known.get(key);
  }

  /** More is known of some picture, or pictures are others. */
  forget(): void {
    this.age++;
    this.known.clear();
  }

  private async look(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    let found = 0;
    for (let [next] = this.waiting; next !== undefined; [next] = this.waiting) {
      const [key, { imagePath, prompt }] = next;
      const { age } = this;
      const answer = await this.newest(imagePath, prompt).catch(() => undefined);
      if (age !== this.age) continue;
      this.waiting.delete(key);
      this.known.set(key, answer);
      if (answer !== undefined) found++;
      const [oldest] = this.known.keys();
      if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    }
    this.isBusy = false;
    if (found > 0) this.onFound();
  }

  private async newest(imagePath: string, prompt: string): Promise<AnsweredLine | undefined> {
    const known = await this.pictures.known(imagePath, CancellationToken.None);
    const newest = known.find(answer => answer.prompt === prompt);
    const result = newest === undefined ? undefined : await this.pictures.answer(newest.key, CancellationToken.None);
    return newest === undefined || result === undefined
      ? undefined
      : { suffix: result.suffix, model: newest.model };
  }
}

/** The file of the only picture that a line names; undefined where it names several, or none of this machine. */
export function pictureOf(documentUri: string, { images: [image, ...others] }: SetLine): string | undefined {
  if (image === undefined || others.length > 0) return undefined;
  const imagePath = localImagePath(resolvePath(documentUri, image.value));
  return imagePath === undefined ? undefined : path.normalize(imagePath);
}
