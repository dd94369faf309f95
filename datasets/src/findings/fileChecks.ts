/** What is wrong with the lines of a file among each other. Pure: texts are not kept, only numbers that tell them apart. */
import { LineText } from '../lines/lineText';
import type { LineForm, SetLine } from '../lines/setLine';
import type { SetText } from '../lines/setText';
import { askedObjects } from './askedObjects';
import { CommonSuffix } from './commonSuffix';
import { labelPlaces } from './labelPlaces';
import type { FileFinding, Finding } from './finding';
import { LineReport, type TextFault } from './lineReport';
import { textHash } from './textHash';

/** Further lines are compared with the first ones only. */
const MOST_LINES = 4_000_000;
/** What is kept of a suffix, beside the number of its line: both fit one number, of some 80 bytes with its key. */
const SUFFIXES = 2 ** 28;
/** Names of classes: no set has more. */
const MOST_LABELS = 10_000;

/** The file's own name for lines that say `file_name`. Source: Hugging Face datasets 5.2.0, `folder_based_builder.py`. */
const METADATA = 'metadata.jsonl';

export class FileChecks {
  /** Line and suffix in one, by picture and prefix. */
  private readonly examples = new Map<number, number>();
  private readonly suffixes = new CommonSuffix();
  private readonly labels = new Map<string, { readonly label: string; readonly line: number }>();
  private readonly saidLabels = new Set<string>();
  private readonly forms = new Map<LineForm, number>();
  private classes: { readonly hash: number; readonly line: number } | undefined;
  /** Many lines in a row ask for the same. */
  private last = { prefix: '', isAsking: false };
  private hasSaidClasses = false;
  private hasSaidName = false;

  /** @param name Of the file, without its folder. */
  constructor(private readonly name: string) {}

  /** What is found with this line. @param number From 1. @param text Of the line. */
  take(number: number, read: SetLine, text: string): readonly Finding[] {
    const report = new LineReport(new LineText(text));
    this.compare(number, read, report);
    this.checkForm(number, read, report);
    this.checkName(read, report);
    this.checkClasses(number, read, report);
    return report.all();
  }

  /** What is known once all lines were taken. */
  end(): readonly FileFinding[] {
    return this.suffixes.findings();
  }

  private compare(line: number, { images, prefix, suffix }: SetLine, report: LineReport): void {
    if (suffix === undefined) return;
    const hash = textHash(suffix.value);
    this.suffixes.take(line, suffix, hash, report.line);
    if (images.length === 0) return;
    const key = textHash([prefix?.value ?? '', ...images.map(({ value }) => value)].join('\0'));
    const known = this.examples.get(key);
    if (known === undefined) {
      const packed = line * SUFFIXES + hash % SUFFIXES;
      if (this.examples.size < MOST_LINES && Number.isSafeInteger(packed)) this.examples.set(key, packed);
      return;
    }
    const parts = [String(Math.floor(known / SUFFIXES))];
    if (known % SUFFIXES === hash % SUFFIXES) report.add('repeated-line', parts);
    else report.addTo(suffix, [{ code: 'two-suffixes', ...all(suffix), parts }]);
  }

  private checkForm(line: number, { form }: SetLine, report: LineReport): void {
    const [first] = this.forms;
    if (first !== undefined && !this.forms.has(form)) {
      report.add('mixed-forms', [formName(form), String(first[1]), formName(first[0])]);
    }
    if (!this.forms.has(form)) this.forms.set(form, line);
  }

  private checkName({ form, images }: SetLine, report: LineReport): void {
    const [image] = images;
    if (this.hasSaidName || image === undefined) return;
    const isMetadata = this.name === METADATA;
    if (isMetadata === (form === 'imagefolder')) return;
    if (isMetadata && image.path[0] !== 'image') return;
    this.hasSaidName = true;
    report.addTo(image, [{ code: 'metadata-name', ...all(image), parts: [isMetadata ? 'key' : 'name', this.name] }]);
  }

  private checkClasses(number: number, { prefix, suffix }: SetLine, report: LineReport): void {
    if (prefix === undefined) return;
    if (prefix.value !== this.last.prefix) {
      const asked = askedObjects(prefix.value);
      this.last = { prefix: prefix.value, isAsking: asked !== undefined };
      const objects = (asked?.objects ?? []).map(({ text: label, from }) => ({ label, from }));
      report.addTo(prefix, this.classFaults(number, objects, prefix));
      report.addTo(prefix, this.caseFaults(number, objects));
    }
    if (this.last.isAsking && suffix !== undefined) {
      report.addTo(suffix, this.caseFaults(number, labelPlaces({ suffix })));
    }
  }

  private *classFaults(line: number, labels: readonly Label[], prefix: SetText): Iterable<TextFault> {
    if (labels.length === 0 || this.hasSaidClasses) return;
    const hash = textHash(labels.map(({ label }) => label).join('\0'));
    this.classes ??= { hash, line };
    if (this.classes.hash === hash) return;
    this.hasSaidClasses = true;
    yield { code: 'class-list', ...all(prefix), parts: [String(this.classes.line)] };
  }

  /** Each spelling is said once. */
  private *caseFaults(line: number, labels: readonly Label[]): Iterable<TextFault> {
    for (const { label, from } of labels) {
      const folded = label.toLowerCase();
      const known = this.labels.get(folded);
      if (known === undefined) {
        if (label !== '' && this.labels.size < MOST_LABELS) this.labels.set(folded, { label, line });
      } else if (known.label !== label && !this.saidLabels.has(label) && this.saidLabels.size < MOST_LABELS) {
        this.saidLabels.add(label);
        const parts = [label, known.label, String(known.line)];
        yield { code: 'letter-cases', from, to: from + label.length, parts };
      }
    }
  }
}

interface Label {
  readonly label: string;
  /** In its text. */
  readonly from: number;
}

function all({ value }: SetText): { readonly from: number; readonly to: number } {
  return { from: 0, to: value.length };
}

/** As the keys of a line say it. */
function formName(form: LineForm): string {
  switch (form) {
    case 'bigVision':
      return 'image, prefix, suffix';
    case 'imagefolder':
      return 'file_name, prefix, suffix';
    case 'messages':
      return 'messages';
    case 'pairs':
      return 'prompt, completion';
  }
}
