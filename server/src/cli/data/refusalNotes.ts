/** Tells what of data sets was not taken, each with its place: all of it to a program, the first ones to a person. */
import { jsonText } from '../../../../paligemma/src/answers/json';
import type { Refusal, Remark } from '../../../../datasets/src/forms/setObject';
import type { ExitCode, VerbContext } from '../terminal/verb';

const MOST_SHOWN = 20;

/** What was changed on the way, by how many objects or pictures it was. */
const remarkTexts: Readonly<Record<Remark, (count: number) => string>> = {
  clipped: count => `${count} boxes left their picture by two pixels or less and were cut to it.`,
  widened: count => `${count} boxes were too thin for the model's bins and were widened by one.`,
  crowd: count => `${count} annotations stand for many objects at once (iscrowd) and were left out.`,
  partial: count =>
    `${count} pictures were left out, since a picture without some of its objects teaches that they are not there; --keep-partial writes it.`,
  otherSize: count =>
    `${count} pictures have another size than the data set says; boxes were taken as parts of the size that it says.`,
  maskLeftOut: count => `${count} masks were left out, and their boxes written.`,
  maskAsBox: count => `${count} masks are no single outline, and their boxes were written.`,
  someMasks: count => `${count} pictures have masks for some of their objects only, and were written with boxes.`,
  keypoints: count => `${count} skeletons were left out, and their boxes written.`,
  noPicture: count => `${count} pictures are not there; the data set's own word was taken for their size.`,
  fieldLeftOut: count =>
    `${count} lines have values that are no plain texts or numbers beside the known ones; those were left out.`,
};

export class RefusalNotes {
  private count = 0;
  private readonly remarks = new Map<Remark, number>();

  /** @param done What happened to the rest: `read`, `written`. */
  constructor(private readonly context: VerbContext, private readonly done: string) {}

  get refused(): number {
    return this.count;
  }

  async take(
    file: string,
    { refusals, remarks }: { readonly refusals: readonly Refusal[]; readonly remarks: readonly Remark[] },
  ): Promise<void> {
    for (const refusal of refusals) await this.refuse(file, refusal);
    for (const remark of remarks) this.remarks.set(remark, (this.remarks.get(remark) ?? 0) + 1);
  }

  /** By name, for a program. */
  get remarked(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.remarks);
  }

  /** Says how many there were. @returns What the command ends with. */
  end(): ExitCode {
    const { context: { terminal } } = this;
    for (const [remark, count] of this.remarks) terminal.note(`Note: ${remarkTexts[remark](count)}`);
    if (this.count === 0) return 0;
    if (this.count > MOST_SHOWN && this.context.values.json !== true) {
      terminal.note(`… and ${this.count - MOST_SHOWN} more.`);
    }
    terminal.note(`${this.count} refused; the rest was ${this.done}.`);
    return 1;
  }

  private async refuse(file: string, { place, message }: Refusal): Promise<void> {
    const { terminal, values } = this.context;
    this.count++;
    if (values.json === true) await terminal.print(jsonText({ file, place, refused: message }));
    else if (this.count <= MOST_SHOWN) terminal.note(`${file}, ${place}: ${message}`);
  }
}
