/** First steps: the walkthrough, and commands that run on the sample pictures of the extension. */
import { Uri, commands, l10n, workspace } from 'vscode';
import { readPlainFile } from '../../../system/src/plainFile';
import { WRITE_ALT_TEXT, type WriteAltTextArguments } from '../../../server/src/contract/imageLinks';
import { PROMPT_LANGUAGE_ID, type ServerClient } from '../connection/languageClient';
import type { ResultsViews } from '../results/view/resultsViews';
import type { ImageRuns, RunOrder } from '../runs/imageRuns';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';

const MOST_TEMPLATE_BYTES = 1 << 20;
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
  order: RunOrder,
): Promise<void> {
  if (isTrustedOrAsk()) await runs.run([Uri.joinPath(samplesUri(extensionUri), image)], order);
}

/** Runs one prompt on all sample pictures, as on many of one's own: in the results view. */
export async function runOnSamples(results: ResultsViews, extensionUri: Uri, order: RunOrder): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const folder = samplesUri(extensionUri);
  const names = (await workspace.fs.readDirectory(folder)).map(([name]) => name).filter(name => name.endsWith('.png'));
  await results.run(names.sort().map(name => Uri.joinPath(folder, name)), order);
}

/**
 * Opens a page with sample pictures that lack their words, and writes those of the first; the others are the person's
 * to try. The page is theirs, and not saved.
 */
export async function altTextInSample(client: ServerClient, extensionUri: Uri): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const link = (image: string) =>
    `![](<${Uri.joinPath(samplesUri(extensionUri), image).fsPath.replaceAll('\\', '/')}>)`;
  const first = link('01.png');
  const head = `# ${l10n.t('A page with pictures')}\n\n`;
  const rest = `${l10n.t('The next one still lacks its words. Put the cursor on it, and press Ctrl+.')}\n\n${
    link('03.png')
  }`;
  const document = await workspace.openTextDocument({ language: 'markdown', content: `${head}${first}\n\n${rest}\n` });
  await window.showTextDocument(document);
  await client.start();
  const args: WriteAltTextArguments = {
    uri: document.uri.toString(),
    offset: head.length,
    written: first,
    style: 'caption',
  };
  await commands.executeCommand(WRITE_ALT_TEXT, args);
}

/** Opens a prompt file on the sample pictures; it is the person's own, and not saved. */
export async function openSamplePrompts(extensionUri: Uri): Promise<void> {
  const place = Uri.joinPath(extensionUri, 'media', 'walkthrough', 'sample.paligemma').fsPath;
  const template = (await readPlainFile(place, MOST_TEMPLATE_BYTES)).toString('utf8');
  // A document without a file has no folder that paths could be relative to.
  const content = template.replaceAll('{samples}', samplesUri(extensionUri).fsPath.replaceAll('\\', '/'));
  await window.showTextDocument(await workspace.openTextDocument({ language: PROMPT_LANGUAGE_ID, content }));
}
