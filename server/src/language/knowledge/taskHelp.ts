/** Help texts for tasks, languages, directives and models, shared by completion, hover and signature help. */
import * as l10n from '@vscode/l10n';
import type { CheckpointKind } from '../../../../paligemma/src/facts';
import type { ModelInfo } from '../../contract/protocol';
import { anyOf, sizeText } from '../text/amounts';
import { inlineCode } from '../text/markdown';
import { checkpointFacts, findModel, knownCheckpoint } from './models';
import type { KnownCheckpoint } from './models';
import { settingKeys, type SettingKey } from '../syntax/settingKeys';
import { checkpointKinds, demoLanguages, languageName } from '../../../../paligemma/src/tasks';
import type { Knowledge, LanguageInfo, TaskInfo } from '../../../../paligemma/src/tasks';

const kindsInOrder: readonly CheckpointKind[] = ['mix', 'pt', 'ft', 'demo'];
const knowledgeText: Record<Knowledge, () => string> = {
  yes: () => l10n.t('yes'),
  shown: () => l10n.t('yes (shown in publications, not documented)'),
  no: () => l10n.t('no'),
  unsure: () => l10n.t('depends on its training'),
};

/** What a task does, its exact prompt, an example and which checkpoints know it. Markdown. */
export function taskHelp(task: TaskInfo): string {
  const known = kindsInOrder.map(kind => `| ${kind} | ${knowledgeText[task.knownTo[kind]]()} |`).join('\n');
  return [
    `**${task.title()}**`,
    task.does(),
    l10n.t('Prompt: {0}', inlineCode(task.form)),
    l10n.t('Example: {0} → {1}', inlineCode(task.example.prompt), inlineCode(task.example.suffix)),
    ...(task.tip === undefined ? [] : [task.tip()]),
    `| ${l10n.t('kind of model')} | ${l10n.t('knows it')} |\n|---|---|\n${known}`,
  ].join('\n\n');
}

/** One line about what a kind of checkpoint makes of a task; empty where there is nothing to say. */
export function knowledgeNote(task: TaskInfo, kind: CheckpointKind): string {
  switch (task.knownTo[kind]) {
    case 'no':
      return kind === 'mix' ? l10n.t('not known to mix models') : l10n.t('not known to this model');
    case 'unsure':
      return kind === 'unknown' ? '' : l10n.t('only if the model was trained for it');
    case 'yes':
    case 'shown':
      return '';
  }
}

export function languageHelp(language: LanguageInfo, kind: CheckpointKind): string {
  const shown = languageName(language);
  const name = shown === language.ownName ? shown : `${shown} (${language.ownName})`;
  const help = l10n.t(
    '{0}: the language of the answer. One of the 35 languages that PaliGemma was trained with.',
    `**${name}**`,
  );
  return kind === 'demo' && !demoLanguages.includes(language.code)
    ? `${help}\n\n${l10n.t('The demo model writes {0} only.', demoLanguages.join(', '))}`
    : help;
}

export interface DirectiveHelp {
  readonly name: string;
  readonly title: () => string;
  readonly help: () => string;
}

export const directiveHelps: readonly DirectiveHelp[] = [
  {
    name: '@image',
    title: () => l10n.t('Pictures for the prompts below'),
    help: () =>
      withExample(
        l10n.t(
          'The pictures that the prompts below run on, until the next `@image`. Paths are relative to this file; `*`, `**` and `?` stand for any names. Separate several paths with commas, and put a path that holds a comma in quotes.',
        ),
        '@image photos/kitchen.jpg, shots/*.png',
      ),
  },
  {
    name: '@model',
    title: () => l10n.t('Model for the prompts below'),
    help: () =>
      withExample(
        l10n.t(
          'The model that answers the prompts below, until the next `@model`: a name, a folder, or the address of a server. Without it the setting `paligemma.model` decides.',
        ),
        '@model google/paligemma2-3b-mix-448',
      ),
  },
  {
    name: '@set',
    title: () => l10n.t('Setting for the prompts below'),
    help: () =>
      withExample(
        l10n.t(
          'A setting for the prompts below: {0}, and its value.',
          anyOf(settingKeys.map(({ key }) => `\`${key}\``)),
        ),
        '@set max-new-tokens 128',
      ),
  },
];

function withExample(help: string, line: string): string {
  return `${help}\n\n\`\`\`\n${line}\n\`\`\``;
}

export function directiveHelp(name: string): DirectiveHelp | undefined {
  return directiveHelps.find(directive => directive.name === name);
}

export function settingHelp(setting: SettingKey): string {
  const values = setting.values.map(({ value, about }) => `- ${inlineCode(value)}: ${about()}`).join('\n');
  return `**${setting.key}**: ${setting.expected()}\n\n${setting.summary()}\n\n${values}`;
}

export function settingValueHelp(setting: SettingKey, value: string): string | undefined {
  const known = setting.values.find(candidate => candidate.value === value);
  return known === undefined ? undefined : `${inlineCode(value)}: ${known.about()}`;
}

/** What is known of a model: kind, picture size, download, whether it is here. Markdown. */
export function modelHelp(id: string, models: readonly ModelInfo[]): string {
  const { kind, resolutionPx, textLength } = checkpointFacts(id, models);
  const lines = [`**${inlineCode(id)}**`, checkpointKinds[kind]()];
  if (resolutionPx !== undefined) lines.push(resolutionText(resolutionPx));
  lines.push(...whereabouts(findModel(id, models), knownCheckpoint(id)));
  if (textLength !== undefined) {
    lines.push(l10n.t('Trained with texts of up to {0} tokens, prompt and answer together.', textLength));
  }
  return lines.join('\n\n');
}

/** Whether the model is on this machine, and what it takes to get it. */
function whereabouts(listed: ModelInfo | undefined, known: KnownCheckpoint | undefined): string[] {
  if (listed === undefined && known === undefined) return [];
  const bytes = listed?.bytes ?? known?.bytes ?? 0;
  if (known?.kind === 'demo') return [l10n.t('Comes with the program.')];
  if (listed?.isInstalled === true) {
    return [
      bytes === 0 ? l10n.t('On this machine.') : l10n.t('On this machine ({0}).', sizeText(bytes)),
      ...(listed.path === undefined ? [] : [l10n.t('Folder: {0}', inlineCode(listed.path))]),
    ];
  }
  return [
    bytes === 0 ? l10n.t('Not on this machine yet.') : l10n.t('Not on this machine yet ({0}).', sizeText(bytes)),
    l10n.t('Its weights are under Google’s Gemma terms, which you accept before the download.'),
  ];
}

/** Source: PaliGemma 2 paper §4.1; Hugging Face blog "PaliGemma 2". */
function resolutionText(resolutionPx: number): string {
  if (resolutionPx <= 224) {
    return l10n.t(
      'Sees pictures at {0} × {0} pixels: quick, for photographs and questions about the whole picture.',
      resolutionPx,
    );
  }
  return resolutionPx <= 448
    ? l10n.t('Sees pictures at {0} × {0} pixels: for text, small objects and boxes.', resolutionPx)
    : l10n.t('Sees pictures at {0} × {0} pixels: for dense documents; slow.', resolutionPx);
}
