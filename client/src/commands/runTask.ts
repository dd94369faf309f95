/** The commands that run a task on pictures. */
import { MOST_PAGES } from '../../../paligemma/src/documentPages';
import { given } from '../../../paligemma/src/given';
import { l10n, workspace } from 'vscode';
import type { Memento, Uri } from 'vscode';
import { askOutput } from '../batch/askTarget';
import type { Batches } from '../batch/batches';
import { batchOptions } from '../batch/outputs';
import type { BatchOptions } from '../batch/outputs';
import { whyNotWritable } from '../runs/sidecarsElsewhere';
import { chooseImages } from '../images/chooseImages';
import type { ServerClient } from '../connection/languageClient';
import type { DemoConsent } from '../runs/demoConsent';
import type { ImageRuns, RunOrder } from '../runs/imageRuns';
import type { ResultsViews } from '../results/view/resultsViews';
import { isTrustedOrAsk } from '../common/trust';
import { askInput } from './askInput';
import type { RunCommandName } from '../common/commandIds';
import { isAskingTask, taskPrompt } from '../../../paligemma/src/prompts';
import type { TaskName } from '../../../paligemma/src/prompts';
import { imageName, withAllPages } from '../images/documentPages';
import { withLateProgress } from '../progress/lateProgress';
import type { LocalImages } from '../images/localImages';
import { countPages } from '../viewer/knownAnswers';
import { window } from '../common/window';

export const taskOfCommand: Readonly<Record<RunCommandName, TaskName>> = {
  captionImage: 'caption',
  describeImage: 'describe',
  readText: 'ocr',
  detectObjects: 'detect',
  segmentObjects: 'segment',
  askQuestion: 'ask',
};

export interface RunTaskParts {
  readonly client: ServerClient;
  /** Files on disk for pictures that are not files themselves. */
  readonly local: LocalImages;
  readonly runs: ImageRuns;
  readonly batches: Batches;
  readonly results: ResultsViews;
  readonly consent: DemoConsent;
  /** Of the workspace: keeps what was typed last. */
  readonly memory: Memento;
}

/**
 * One picture ends in its image view; a folder, or several pictures, end where the person wants the answers.
 * @param args What the command was called with: see `imageTargets` and `batchOptions`.
 */
export async function runTask(
  task: TaskName,
  args: readonly unknown[],
  { client, local, runs, batches, results, consent, memory }: RunTaskParts,
): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const chosen = await chooseImages(args, client);
  if (chosen === undefined) return;
  const { images, isFolder } = chosen;
  const input = isAskingTask(task) ? await askInput(task, memory) : undefined;
  if (isAskingTask(task) && input === undefined) return;
  // Pretraining knows questions with English answers only; the setting speaks of captions.
  const language = task === 'ask' ? 'en' : workspace.getConfiguration('paligemma', images[0]).get('language', 'en');
  const order = {
    title: taskTitle(task),
    prompt: taskPrompt({ task, language, ...given({ input }) }),
  };
  if (images.length === 1 && !isFolder) return runs.run(images, order);
  // Asked before the other questions, whose answers would be lost.
  if (!await consent.isGiven(images)) return;
  const pages = await allPages(images, { client, local });
  if (pages !== undefined) await runMany(pages, order, batchOptions(args), { runs, batches, results });
}

/** Undefined where the person ended the search: documents are opened to count their pages. */
function allPages(
  images: readonly Uri[],
  parts: Pick<RunTaskParts, 'client' | 'local'>,
): Promise<readonly Uri[] | undefined> {
  return withLateProgress(l10n.t('Looking for pages'), async (_, token) => {
    const found = await withAllPages(images, image => countPages(image, parts), () => !token.isCancellationRequested);
    const [first] = found?.cut ?? [];
    if (first !== undefined) {
      void window.showWarningMessage(
        l10n.t(
          '“{0}” has more than {1} pages; the first {1} are run. Write the others into a prompt file, for example @image {0}#page={2}-{3}.',
          imageName(first),
          MOST_PAGES,
          MOST_PAGES + 1,
          2 * MOST_PAGES,
        ),
      );
    }
    return found?.images;
  });
}

/** To where the person wants the answers; beside pictures of other file systems only where those can be written. */
async function runMany(
  images: readonly Uri[],
  order: RunOrder,
  options: BatchOptions,
  { runs, batches, results }: Pick<RunTaskParts, 'runs' | 'batches' | 'results'>,
): Promise<void> {
  const isOnDisk = images.every(({ scheme }) => scheme === 'file');
  const problem = isOnDisk ? undefined : whyNotWritable(images);
  if (problem !== undefined) void window.showInformationMessage(problem);
  const output = problem !== undefined ? 'view' : options.output ?? await askOutput(order, images);
  if (output === 'view') await results.run(images, order);
  else if (output === 'list') await runs.runList(images, order);
  else if (output !== undefined && !isOnDisk) await runs.runSidecars(images, order);
  else if (output !== undefined) await batches.start(images, order, output, options);
}

function taskTitle(task: TaskName): string {
  switch (task) {
    case 'caption':
      return l10n.t('Captioning');
    case 'describe':
      return l10n.t('Describing');
    case 'ocr':
      return l10n.t('Reading text');
    case 'detect':
      return l10n.t('Detecting objects');
    case 'segment':
      return l10n.t('Segmenting objects');
    case 'ask':
      return l10n.t('Answering');
  }
}
