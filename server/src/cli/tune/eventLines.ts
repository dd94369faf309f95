/** What the trainer says, as a person reads it in a terminal. */
import { durationText } from '../../../../paligemma/src/words';
import type { TrainerEvaluation, TrainerEvent, TrainerSample, TrainerStart, TrainerStep } from '../../contract/tuning';
import { shownPath } from '../terminal/shownPath';
import type { ProgressState } from '../terminal/progressView';

/** Of a text in a line. */
const LONGEST_TEXT = 80;

/** The step under way, for the bar. */
export function stepProgress({ step, steps, loss, learningRate, secondsLeft }: TrainerStep): ProgressState {
  return {
    fraction: step / Math.max(1, steps),
    text: `step ${step} of ${steps}, loss ${lossText(loss)}, rate ${learningRate.toExponential(1)}, ${
      durationText(secondsLeft)
    } left`,
  };
}

/** A line that stays; undefined for what is shown elsewhere. */
export function eventLine(event: TrainerEvent): string | undefined {
  if (event.past === true) {
    return event.event === 'done' ? 'The training is complete already; nothing is trained again.' : undefined;
  }
  switch (event.event) {
    case 'phase':
      return 'Loading the model…';
    case 'start':
      return startLine(event);
    case 'epoch':
      return `Epoch ${event.epoch} of ${event.epochs}: loss ${lossText(event.loss)}`;
    case 'eval':
      return evaluationLine(event);
    case 'sample':
      return sampleLine(event);
    case 'saved':
      return `Checkpoint after step ${event.step}: ${shownPath(event.path)}`;
    case 'stopped':
    case 'done':
    case 'error':
    case 'step':
      return undefined;
  }
}

function startLine(event: TrainerStart): string {
  const { lines, validLines, steps, epochs, trainable, parameters, precision, device, resumedAt } = event;
  const share = `${millions(trainable)} of ${millions(parameters)} weights`;
  const from = resumedAt === 0 ? '' : ` Goes on after step ${resumedAt}.`;
  return `${lines} lines, ${validLines} held out; ${steps} steps in ${epochs} epochs; ${share}, ${precision} on ${device}.${from}`;
}

function evaluationLine({ set, step, loss, exact, lines }: TrainerEvaluation): string {
  const what = set === 'valid' ? 'Held-out lines' : 'As many training lines';
  const right = lines === 0 ? '' : `, ${exact} of ${lines} answers exact`;
  return `${what} after step ${step}: loss ${lossText(loss)}${right}`;
}

function sampleLine({ image, prefix, expected, answer }: TrainerSample): string {
  const wanted = answer === expected ? '' : `  (expected ${shown(expected)})`;
  return `  ${image}  ${shown(prefix)}  ${shown(answer)}${wanted}`;
}

export function lossText(loss: number): string {
  return loss.toPrecision(3);
}

function millions(count: number): string {
  return `${(count / 1e6).toPrecision(3)} M`;
}

function shown(text: string): string {
  const cut = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return JSON.stringify(cut);
}
