/** Asks in which of an answer's forms it is to be copied. */
import type { AnswerForm } from '../../../paligemma/src/kinds/kinds';
import { window } from '../common/window';

/** Undefined where the person left. */
export async function chooseForm(forms: readonly AnswerForm[], title: string): Promise<AnswerForm | undefined> {
  const items = forms.map(form => ({ label: form.title, description: form.ending, form }));
  return (await window.showQuickPick(items, { title }))?.form;
}
