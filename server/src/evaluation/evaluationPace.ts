/** How far an evaluation is, in words. */
import * as l10n from '@vscode/l10n';
import { Pace, timeLeftText } from '../../../paligemma/src/pace';
import type { EvaluationProgress } from './evaluationWish';

export class EvaluationPace {
  private readonly pace = new Pace(() => performance.now());

  /** `12 of 50, 07.png: writing, 3 tokens, 2 min left`. */
  text({ done, total, text }: EvaluationProgress): string {
    const secondsLeft = this.pace.secondsLeft(done, total);
    const place = l10n.t('{0} of {1}, {2}', Math.min(done + 1, total), total, text);
    return secondsLeft === undefined ? place : `${place}, ${timeLeftText(secondsLeft, l10n.t)}`;
  }
}
