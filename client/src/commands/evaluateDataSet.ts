/** "Evaluate This Data Set…": runs its lines with a model, and shows the worst answers beside their pictures. */
import { Uri, l10n } from 'vscode';
import { isWrong } from '../../../datasets/src/edits/lineJudgement';
import type { EvaluateResult } from '../../../server/src/contract/evaluation';
import { frontDataSet, isSaved } from '../common/dataSetFile';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';
import type { ServerClient } from '../connection/languageClient';
import type { DataSetEditors } from '../dataSet/dataSetEditors';
import { showEvaluation } from '../evaluation/evaluationPage';
import { runEvaluation } from '../evaluation/runEvaluation';
import { pickModel } from '../models/pickModel';

const ENDING = 'jsonl';

/**
 * @param args The file, where it was chosen in a list of files; without it that of the editor in front, or one that the
 *   person names. @throws what kept the language server from answering.
 */
export async function evaluateDataSet(
  [chosen]: readonly unknown[],
  client: ServerClient,
  dataSets: Pick<DataSetEditors, 'judge' | 'show'>,
): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const file = chosen instanceof Uri ? chosen : frontDataSet() ?? await askFile();
  if (file === undefined || !await isSaved(file)) return;
  const models = (await client.listModels()).filter(({ problem }) => problem === undefined);
  const model = await pickModel(models, l10n.t('Evaluate Data Set'), l10n.t('The model that answers its lines'));
  if (model === undefined) return;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const found = await runEvaluation(name, { fileUri: file.toString(), model: model.id }, client);
  if (found === undefined) return;
  dataSets.judge(file, found.lines);
  showEvaluation(name, found);
  await offerWrong(name, found, () => dataSets.show([file], { state: 'wrong', isOpened: false }));
}

/** The lines themselves, where they can be corrected. */
async function offerWrong(name: string, { lines }: EvaluateResult, onChosen: () => Promise<void>): Promise<void> {
  const wrong = lines.filter(isWrong).length;
  if (wrong === 0) return;
  const action = l10n.t('Show These Lines');
  const chosen = await window.showInformationMessage(
    l10n.t('{0} of {1} lines of {2} were answered wrongly.', wrong, lines.length, name),
    action,
  );
  if (chosen === action) await onChosen();
}

async function askFile(): Promise<Uri | undefined> {
  const [file] = await window.showOpenDialog({
    title: l10n.t('Evaluate Data Set'),
    openLabel: l10n.t('Evaluate'),
    filters: { [l10n.t('Data sets')]: [ENDING] },
  }) ?? [];
  return file;
}
