/** First steps: the walkthrough, and commands that run on the sample pictures of the extension. */
import { readFileSync } from 'node:fs';
import { Uri, commands, workspace } from 'vscode';
import { PROMPT_LANGUAGE_ID } from '../connection/languageClient';
import type { ImageRuns } from '../runs/imageRuns';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';

const WALKTHROUGH_ID = 'paligemma-tools.paligemma#paligemma.start';

/** The folder of the sample pictures. */
export function samplesUri(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'media', 'samples');
}

/** @param step Id of a step of the manifest, which is then open. */
export async function openWalkthrough(step: unknown): Promise<void> {
  await commands.executeCommand(
    'workbench.action.openWalkthrough',
    typeof step === 'string' ? { category: WALKTHROUGH_ID, step: `paligemma.${step}` } : WALKTHROUGH_ID,
    false,
  );
}

/** Runs one prompt on one of the sample pictures and shows the answer in its view. */
export async function runOnSample(
  runs: ImageRuns,
  extensionUri: Uri,
  image: string,
  order: { readonly prompt: string; readonly title: string },
): Promise<void> {
  if (isTrustedOrAsk()) await runs.run([Uri.joinPath(samplesUri(extensionUri), image)], order);
}

/** Opens a prompt file on the sample pictures; it is the person's own, and not saved. */
export async function openSamplePrompts(extensionUri: Uri): Promise<void> {
  const template = readFileSync(Uri.joinPath(extensionUri, 'media', 'walkthrough', 'sample.paligemma').fsPath, 'utf8');
  // A document without a file has no folder that paths could be relative to.
  const content = template.replaceAll('{samples}', samplesUri(extensionUri).fsPath.replaceAll('\\', '/'));
  await window.showTextDocument(await workspace.openTextDocument({ language: PROMPT_LANGUAGE_ID, content }));
}
