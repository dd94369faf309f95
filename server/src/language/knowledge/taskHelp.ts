/** Help texts for tasks, languages, directives and models, shared by completion, hover and signature help. */
import type { CheckpointKind } from '../../../../paligemma/src/facts';
import type { ModelInfo } from '../../contract/protocol';
import { bytesText, inlineCode } from '../text/markdown';
import { checkpointFacts, findModel, knownCheckpoint } from './models';
import type { KnownCheckpoint } from './models';
import type { SettingKey } from '../syntax/settingKeys';
import { checkpointKinds, demoLanguages } from '../../../../paligemma/src/tasks';
import type { Knowledge, LanguageInfo, TaskInfo } from '../../../../paligemma/src/tasks';

const kindsInOrder: readonly CheckpointKind[] = ['mix', 'pt', 'ft', 'demo'];
const knowledgeText: Record<Knowledge, string> = {
  yes: 'yes',
  shown: 'yes (shown in publications, not in the documentation)',
  no: 'no',
  unsure: 'depends on its training',
};

/** What a task does, its exact prompt, an example and which checkpoints know it. Markdown. */
export function taskHelp(task: TaskInfo): string {
  const known = kindsInOrder.map(kind => `| ${kind} | ${knowledgeText[task.knownTo[kind]]} |`).join('\n');
  return [
    `**${task.title}**`,
    task.does,
    `Prompt: ${inlineCode(task.form)}`,
    `Example: ${inlineCode(task.example.prompt)} → ${inlineCode(task.example.suffix)}`,
    ...(task.tip === undefined ? [] : [task.tip]),
    `| checkpoint | knows it |\n|---|---|\n${known}`,
  ].join('\n\n');
}

/** One line about what a kind of checkpoint makes of a task; empty where there is nothing to say. */
export function knowledgeNote(task: TaskInfo, kind: CheckpointKind): string {
  switch (task.knownTo[kind]) {
    case 'no':
      return `not known to ${checkpointKinds[kind].name} checkpoints`;
    case 'unsure':
      return kind === 'unknown' ? '' : 'only if the checkpoint was trained for it';
    case 'yes':
    case 'shown':
      return '';
  }
}

export function languageHelp(language: LanguageInfo, kind: CheckpointKind): string {
  const name = language.name === language.ownName ? language.name : `${language.name} (${language.ownName})`;
  const note = kind === 'demo' && !demoLanguages.includes(language.code)
    ? `\n\nThe demo model writes ${demoLanguages.join(', ')} only.`
    : '';
  return `**${name}**: the language of the answer. One of the 35 languages that PaliGemma was trained with.${note}`;
}

export interface DirectiveHelp {
  readonly name: string;
  readonly title: string;
  readonly help: string;
}

export const directiveHelps: readonly DirectiveHelp[] = [
  {
    name: '@image',
    title: 'Pictures for the prompts below',
    help:
      'The pictures that the prompts below run on, until the next `@image`. Paths are relative to this file; `*`, `**` and `?` stand for any names; several are separated by commas. '
      + 'A path with a comma goes in quotes.\n\n```\n@image photos/kitchen.jpg, shots/*.png\n```',
  },
  {
    name: '@model',
    title: 'Model for the prompts below',
    help:
      'The model that answers the prompts below, until the next `@model`: a name, a folder, or the address of a server. Without it the setting `paligemma.model` decides.\n\n```\n@model google/paligemma2-3b-mix-448\n```',
  },
  {
    name: '@set',
    title: 'Setting for the prompts below',
    help:
      'A setting for the prompts below: `max-new-tokens`, `loc-divisor`, `device` or `weights`, and its value.\n\n```\n@set max-new-tokens 128\n```',
  },
];

export function directiveHelp(name: string): DirectiveHelp | undefined {
  return directiveHelps.find(directive => directive.name === name);
}

export function settingHelp(setting: SettingKey): string {
  const values = setting.values.map(({ value, about }) => `- ${inlineCode(value)}: ${about}`).join('\n');
  return `**${setting.key}**: ${setting.expected}\n\n${setting.summary}\n\n${values}`;
}

export function settingValueHelp(setting: SettingKey, value: string): string | undefined {
  const known = setting.values.find(candidate => candidate.value === value);
  return known === undefined ? undefined : `${inlineCode(value)}: ${known.about}`;
}

/** What is known of a model: kind, picture size, download, whether it is here. Markdown. */
export function modelHelp(id: string, models: readonly ModelInfo[]): string {
  const { kind, resolutionPx, textLength } = checkpointFacts(id, models);
  const lines = [`**${inlineCode(id)}**`, `${upperFirst(checkpointKinds[kind].name)}: ${checkpointKinds[kind].about}.`];
  if (resolutionPx !== undefined) {
    lines.push(`Sees pictures at ${resolutionPx} × ${resolutionPx} pixels: ${resolutionText(resolutionPx)}.`);
  }
  lines.push(...whereabouts(findModel(id, models), knownCheckpoint(id)));
  if (textLength !== undefined) {
    lines.push(`Trained with texts of up to ${textLength} tokens, prompt and answer together.`);
  }
  return lines.join('\n\n');
}

/** Whether the model is on this machine, and what it takes to get it. */
function whereabouts(listed: ModelInfo | undefined, known: KnownCheckpoint | undefined): string[] {
  if (listed === undefined && known === undefined) return [];
  const bytes = listed?.bytes ?? known?.bytes ?? 0;
  const size = bytes === 0 ? '' : ` (${bytesText(bytes)})`;
  if (known?.kind === 'demo') return ['Comes with the program.'];
  if (listed?.isInstalled === true) {
    return [`On this machine${size}${listed.path === undefined ? '' : `: ${inlineCode(listed.path)}`}.`];
  }
  return [
    `Not on this machine yet${size}. The weights are under Google's Gemma terms, which you accept before the download.`,
  ];
}

/** Source: PaliGemma 2 paper §4.1; Hugging Face blog "PaliGemma 2". */
function resolutionText(resolutionPx: number): string {
  if (resolutionPx <= 224) return 'quick, for photographs and questions about the whole picture';
  return resolutionPx <= 448 ? 'for text, small objects and boxes' : 'for dense documents; slow';
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
