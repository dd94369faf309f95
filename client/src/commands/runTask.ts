/** The commands that run a task on pictures. */
import { l10n, workspace } from 'vscode';
import type { Memento } from 'vscode';
import { chooseImages } from '../images/chooseImages';
import type { ImageRuns } from '../runs/imageRuns';
import { isTrustedOrAsk } from '../trust';
import type { ImageViews } from '../viewer/imageViews';
import { askInput } from './askInput';
import type { RunCommandName } from './ids';
import { isAskingTask, taskPrompt } from './taskPrompts';
import type { TaskName } from './taskPrompts';

export const taskOfCommand: Readonly<Record<RunCommandName, TaskName>> = {
  captionImage: 'caption', describeImage: 'describe', readText: 'ocr', detectObjects: 'detect', segmentObjects: 'segment', askQuestion: 'ask',
};

export interface RunTaskParts {
  readonly runs: ImageRuns;
  readonly views: ImageViews;
  /** Of the workspace: keeps what was typed last. */
  readonly memory: Memento;
}

/** @param args What the command was called with: see `imageTargets`. */
export async function runTask(task: TaskName, args: readonly unknown[], { runs, views, memory }: RunTaskParts): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const images = await chooseImages(args, views);
  if (images === undefined) return;
  const input = isAskingTask(task) ? await askInput(task, memory) : undefined;
  if (isAskingTask(task) && input === undefined) return;
  const language = workspace.getConfiguration('paligemma', images[0]).get('language', 'en');
  await runs.run(images, { title: taskTitle(task), prompt: taskPrompt({ task, language, ...(input === undefined ? {} : { input }) }) });
}

function taskTitle(task: TaskName): string {
  switch (task) {
    case 'caption': return l10n.t('Captioning');
    case 'describe': return l10n.t('Describing');
    case 'ocr': return l10n.t('Reading text');
    case 'detect': return l10n.t('Detecting objects');
    case 'segment': return l10n.t('Segmenting objects');
    case 'ask': return l10n.t('Answering');
  }
}
