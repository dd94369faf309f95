/** A training as a Markdown page: how far it is, its losses, its answers. Free of the editor. */
import { Buffer } from 'node:buffer';
import { escapeMarkdown, plainMarkdown } from '../../../paligemma/src/markdownText';
import type { Translate } from '../../../paligemma/src/translate';
import { durationText } from '../../../paligemma/src/words';
import type { EvaluationSummary } from '../../../server/src/contract/evaluation';
import type {
  TrainerEvaluation,
  TrainerEvent,
  TrainerSample,
  TrainerStart,
  TrainerStep,
} from '../../../server/src/contract/tuning';
import { beforeAndAfter } from './beforeAndAfter';
import { lossCurve, type LossPoint } from './lossCurve';
import { table } from './markdownTable';

/** What a training has told so far. */
export class TuningReport {
  private start: TrainerStart | undefined;
  private last: TrainerStep | undefined;
  private readonly losses: LossPoint[] = [];
  private readonly evaluations: TrainerEvaluation[] = [];
  private samples: TrainerSample[] = [];
  private judged: EvaluationSummary | undefined;

  hear(event: TrainerEvent): void {
    switch (event.event) {
      case 'start':
        this.start = event;
        break;
      case 'step':
        this.last = event;
        this.losses.push({ step: event.step, loss: event.loss });
        break;
      case 'eval':
        this.evaluations.push(event);
        this.samples = event.set === 'valid' ? [] : this.samples;
        break;
      case 'sample':
        this.samples.push(event);
        break;
      default:
    }
  }

  /** @param summary Of the held-out lines, with the base beside the result. */
  judge(summary: EvaluationSummary): void {
    this.judged = summary;
  }

  /** @param state One sentence: whether it runs, and how it ended. */
  text(title: string, state: string, t: Translate): string {
    return [
      `# ${plainMarkdown(title)}`,
      plainMarkdown(state),
      ...(this.judged === undefined ? [] : beforeAndAfter(this.judged, t)),
      ...this.progress(t),
      ...this.curve(t),
      ...this.figures(t),
      ...this.answers(t),
    ].join('\n\n') + '\n';
  }

  private progress(t: Translate): readonly string[] {
    const { start, last } = this;
    const facts = start === undefined ? [] : [
      t(
        '{0} lines, {1} held out; {2} of {3} weights are trained, in {4} on {5}.',
        start.lines,
        start.validLines,
        millions(start.trainable),
        millions(start.parameters),
        start.precision,
        start.device,
      ),
    ];
    return [...facts, ...(last === undefined ? [] : [stepText(last, t)])].map(plainMarkdown);
  }

  private curve(t: Translate): readonly string[] {
    const heldOut = this.evaluations.filter(({ set }) => set === 'valid');
    const picture = lossCurve(this.losses, heldOut, this.last?.steps ?? 0);
    if (picture === undefined) return [];
    const words = t(
      'Loss from {0} to {1}',
      (this.losses[0]?.loss ?? 0).toPrecision(3),
      (this.losses.at(-1)?.loss ?? 0).toPrecision(3),
    );
    const data = Buffer.from(picture).toString('base64');
    return [
      `## ${t('Loss')}`,
      `![${words}](data:image/svg+xml;base64,${data})`,
      t('Solid: lines that are trained on, step by step. Dashed: held-out lines.'),
    ];
  }

  private figures(t: Translate): readonly string[] {
    if (this.evaluations.length === 0) return [];
    const rows = this.evaluations.map(({ step, set, loss, exact, lines }) => [
      String(step),
      set === 'valid' ? t('held out') : t('trained on'),
      loss.toPrecision(3),
      lines === 0 ? '–' : t('{0} of {1}', exact, lines),
    ]);
    return [`## ${t('Evaluations')}`, table([t('Step'), t('Lines'), t('Loss'), t('Exact answers')], rows)];
  }

  private answers(t: Translate): readonly string[] {
    if (this.samples.length === 0) return [];
    const rows = this.samples.map(({ image, prefix, expected, answer }) => [
      answer === expected ? '✓' : '✗',
      ...[image, prefix, expected, answer].map(cell),
    ]);
    return [
      `## ${t('Answers after step {0}', this.samples[0]?.step ?? 0)}`,
      table(['', t('Picture'), t('Prompt'), t('Expected'), t('Answer')], rows),
    ];
  }
}

/** The step under way, in a few words. */
export function stepText({ step, steps, loss, learningRate, secondsLeft }: TrainerStep, t: Translate): string {
  return t(
    'Step {0} of {1}, loss {2}, rate {3}, {4} left',
    step,
    steps,
    loss.toPrecision(3),
    learningRate.toExponential(1),
    durationText(secondsLeft, t),
  );
}

function millions(count: number): string {
  return `${(count / 1e6).toPrecision(3)} M`;
}

const LONGEST_CELL = 300;

function cell(text: string): string {
  const cut = text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text;
  return escapeMarkdown(cut);
}
