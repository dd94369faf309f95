/** The answer of an image view as what it is. Free of the editor. */
import { given } from '../../../paligemma/src/given';
import { answerKindOf, kindNames, kindOf, readAnswer, type ReadAnswer } from '../../../paligemma/src/kinds/kinds';
import type { Translate } from '../../../paligemma/src/translate';
import type { KindChoice, ShownAnswer, ViewState } from '../contract/viewer';
import type { MadeDrawing } from './madeDrawing';

/** Undefined where there is no answer. */
export function readShown({ result, show }: ViewState, t: Translate): ReadAnswer | undefined {
  return result === undefined ? undefined : readAnswer(result, show, t);
}

/** The view as it is shown: with the regions and the text that the answer has as what it is. */
export function viewAsRead(view: ViewState, answer: ReadAnswer | undefined): ViewState {
  const { result } = view;
  if (result === undefined || answer === undefined || answer.isPlain) return view;
  return { ...view, result: { ...result, text: answer.text(), ...given({ regions: answer.regions }) } };
}

/** @param drawing What was drawn outside of the page. */
export function shownAnswer(
  view: ViewState,
  answer: ReadAnswer,
  drawing: MadeDrawing | undefined,
  t: Translate,
): ShownAnswer {
  const { forms = [], notes = [], ...forPage } = drawing ?? {};
  return {
    shown: answer.shown,
    ...given({
      regions: answer.regions,
      text: answer.isPlain ? undefined : answer.text(),
      line: answer.isPlain ? undefined : answer.line(),
      drawing: drawing === undefined ? undefined : forPage,
    }),
    choices: choices(view, t),
    faults: answer.faults.map(({ message }) => message),
    notes,
    hasForms: answer.forms.length + forms.length > 0,
  };
}

function choices({ show, result }: ViewState, t: Translate): KindChoice[] {
  if (result === undefined) return [];
  const likely = answerKindOf(kindOf({ ...result, show: undefined })).title(t);
  return [
    { title: t('Automatic ({0})', likely), isChosen: show === undefined },
    ...kindNames.map(kind => ({ kind, title: answerKindOf(kind).title(t), isChosen: kind === show })),
  ];
}
