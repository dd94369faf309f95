/** Boxes, masks and labels of a suffix. */
import * as l10n from '@vscode/l10n';
import { CODES_PER_MASK } from '../../../paligemma/src/facts';
import { hasArea, type LocBins } from '../../../paligemma/src/locTokens';
import { oneSpaced } from '../../../paligemma/src/plainText';
import type { Asked } from './askedObjects';
import { labelSpaces, SEPARATOR } from './labels';
import type { TextFault } from './lineReport';
import type { TokenRun } from './placeTokens';

/** Location tokens of a box. */
const PER_BOX = 4;

/** What holds for every answer with places, whatever was asked. */
export function* runFaults({ locs, segs, start, end }: TokenRun): Iterable<TextFault> {
  const [top, left, bottom, right] = locs.map(({ value }) => value);
  if (locs.length === PER_BOX && locs.every(({ isExact }) => isExact)) {
    const bins: LocBins = [top ?? 0, left ?? 0, bottom ?? 0, right ?? 0];
    const isTurned = bins[2] < bins[0] || bins[3] < bins[1];
    const to = locs.at(-1)?.end ?? end;
    if (!hasArea(bins)) yield { code: 'box-order', from: start, to, parts: [isTurned ? 'turned' : 'flat'] };
  }
  const [first] = segs;
  if (first !== undefined && segs.length !== CODES_PER_MASK) {
    yield { code: 'mask-length', from: first.start, to: end, parts: [String(segs.length)] };
  }
}

/** What holds for an answer to `detect` or `segment`. */
export function* answerFaults(suffix: string, runs: readonly TokenRun[], asked: Asked): Iterable<TextFault> {
  const [first] = runs;
  if (first === undefined) {
    if (suffix.trim() !== '') {
      yield { code: 'label-without-box', from: 0, to: suffix.length, parts: ['none', asked.task] };
    }
    return;
  }
  yield* frontFaults(suffix.slice(0, first.start));
  const labels = new LabelChecks(asked);
  for (const [index, run] of runs.entries()) {
    if (run.locs.length !== PER_BOX) {
      yield { code: 'location-count', from: run.start, to: run.end, parts: [String(run.locs.length)] };
    }
    yield* innerSpaces(run);
    const next = runs[index + 1];
    const gap = readGap(suffix, run.end, next?.start ?? suffix.length);
    yield* labels.of(gap, run);
    yield* next === undefined ? endFaults(suffix, gap) : betweenFaults(suffix, gap);
  }
}

function* frontFaults(text: string): Iterable<TextFault> {
  const inner = text.trim();
  if (inner === '') return;
  const from = text.length - text.trimStart().length;
  if (/^[;\s]+$/.test(inner)) {
    yield {
      code: 'dangling-separator',
      from,
      to: from + inner.length,
      fix: { title: l10n.t('Remove the semicolon'), edits: [{ from: 0, to: text.length, text: '' }] },
    };
  } else yield { code: 'label-without-box', from, to: from + inner.length, parts: ['before', inner] };
}

function* innerSpaces({ locs, segs }: TokenRun): Iterable<TextFault> {
  const tokens = [...locs, ...segs];
  for (const [index, { end }] of tokens.entries()) {
    const next = tokens[index + 1];
    if (next === undefined || next.start <= end) continue;
    yield {
      code: 'box-spaces',
      from: end,
      to: next.start,
      parts: ['tokens'],
      fix: { title: l10n.t('Remove the space'), edits: [{ from: end, to: next.start, text: '' }] },
    };
  }
}

/** What stands behind the tokens of an object, up to those of the next. */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly labelFrom: number;
  readonly labelTo: number;
  /** From the first semicolon on, without white space at its ends. */
  readonly rest: string;
}

function readGap(suffix: string, from: number, to: number): Gap {
  const text = suffix.slice(from, to);
  const semicolon = text.indexOf(';');
  const written = semicolon < 0 ? text : text.slice(0, semicolon);
  const label = written.trim();
  const labelFrom = from + (label === '' ? 0 : written.length - written.trimStart().length);
  const rest = semicolon < 0 ? '' : text.slice(semicolon).trim();
  return { from, to, label, labelFrom, labelTo: labelFrom + label.length, rest };
}

/** Compares labels with what was asked for. */
class LabelChecks {
  private readonly asksForAll: boolean;

  constructor(private readonly asked: Asked) {
    this.asksForAll = asked.objects.every(({ text }) => text === '');
  }

  *of({ from, label, labelFrom, labelTo }: Gap, run: TokenRun): Iterable<TextFault> {
    if (label === '') {
      if (this.asked.task === 'detect') yield { code: 'unlabelled-box', from: run.start, to: run.end };
      return;
    }
    if (labelFrom !== from + 1) {
      yield {
        code: 'box-spaces',
        // No space is nowhere to be seen: the label is shown.
        from: labelFrom > from ? from : labelFrom,
        to: labelFrom > from ? labelFrom : labelTo,
        parts: ['label'],
        fix: { title: l10n.t('Write one space'), edits: [{ from, to: labelFrom, text: ' ' }] },
      };
    }
    const span = { from: labelFrom, to: labelTo };
    yield* labelSpaces(label, labelFrom);
    if (!this.asksForAll && !this.asked.objects.some(({ text }) => text === label)) {
      const meant = this.asked.objects.find(({ text }) => likeness(text) === likeness(label))?.text ?? '';
      // Two spaces are said already.
      if (oneSpaced(label) !== oneSpaced(meant)) yield { code: 'label-not-asked', ...span, parts: [label, meant] };
    }
    if (/[^\p{L}\p{N}_\-\s]/u.test(label)) yield { code: 'label-characters', ...span, parts: [label] };
  }
}

function likeness(label: string): string {
  return oneSpaced(label).toLowerCase();
}

function* endFaults(suffix: string, { label, labelTo, from, rest }: Gap): Iterable<TextFault> {
  if (rest === '') return;
  const start = suffix.indexOf(';', labelTo);
  if (/^[;\s]+$/.test(rest)) {
    const edits = [{ from: label === '' ? from : labelTo, to: suffix.length, text: '' }];
    yield {
      code: 'dangling-separator',
      from: start,
      to: start + rest.length,
      fix: { title: l10n.t('Remove the semicolon'), edits },
    };
  } else yield withoutBox(rest, start);
}

function* betweenFaults(suffix: string, { labelTo, to, rest, from, label }: Gap): Iterable<TextFault> {
  const start = label === '' ? from : labelTo;
  if (suffix.slice(start, to) === SEPARATOR) return;
  if (/^[;\s]*$/.test(rest)) {
    yield {
      code: 'separator',
      // Nothing is nowhere to be seen: the label in front of it is shown.
      from: start < to ? start : from,
      to,
      // Behind a comma the label may go on.
      ...(label.endsWith(',') ? {} : {
        fix: { title: l10n.t('Write “{0}”', SEPARATOR), edits: [{ from: start, to, text: SEPARATOR }] },
      }),
    };
  } else yield withoutBox(rest, suffix.indexOf(';', start));
}

function withoutBox(rest: string, start: number): TextFault {
  const parts = rest.split(';').map(part => part.trim()).filter(part => part !== '');
  const [text = ''] = parts;
  const from = start + rest.indexOf(text);
  return { code: 'label-without-box', from, to: from + text.length, parts: ['between', text] };
}
