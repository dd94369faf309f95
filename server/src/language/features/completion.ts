/** Completion in every slot of a prompt file; documentation comes with {@link resolveCompletion}. */
import * as l10n from '@vscode/l10n';
import { CompletionItemKind, InsertTextFormat } from 'vscode-languageserver-types';
import type { CompletionItem, CompletionList, Position, Range } from 'vscode-languageserver-types';
import { checkpointOf } from '../knowledge/checkpoint';
import type { CompletionData } from './completionData';
import { completeImages, imageDocumentation } from './completionImages';
import type { LanguageContext } from '../knowledge/context';
import { promptAt, stateAt } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { acceptableSuffix } from '../knowledge/expectations';
import { clip, markup } from '../text/markdown';
import { knownCheckpoints } from '../knowledge/models';
import { settingKey, settingKeys } from '../syntax/settingKeys';
import { slotAt } from '../syntax/slots';
import type { Slot } from '../syntax/slots';
import {
  directiveHelp,
  directiveHelps,
  knowledgeNote,
  languageHelp,
  modelHelp,
  settingHelp,
  settingValueHelp,
  taskHelp,
} from '../knowledge/taskHelp';
import { given } from '../../../../paligemma/src/given';
import { tameText } from '../../../../paligemma/src/plainText';
import { languageName, languageOfCode, languages, tasks } from '../../../../paligemma/src/tasks';
import type { TaskInfo } from '../../../../paligemma/src/tasks';

/** Characters after which a client asks by itself. */
export const completionTriggerCharacters: readonly string[] = ['@', ' ', ',', ';', '/', '"', '<', '='];

const none: CompletionList = { isIncomplete: false, items: [] };
const MAX_LABELS = 200;

/** Items valid at `position`, best first. Empty where the format takes free text. */
export function completePrompt(document: PromptDocument, position: Position, context: LanguageContext): CompletionList {
  const { items, ...list } = completionsAt(document, position, context);
  return { ...list, items: items.map(tameItem) };
}

/** What stands in the list; what is filtered by and inserted stays as it is. */
function tameItem(item: CompletionItem): CompletionItem {
  const label = tameText(item.label);
  const detail = item.detail === undefined ? undefined : tameText(item.detail);
  if (label === item.label && detail === item.detail) return item;
  return { filterText: item.label, ...item, label, ...given({ detail }) };
}

function completionsAt(document: PromptDocument, position: Position, context: LanguageContext): CompletionList {
  const slot = slotAt(document, position);
  switch (slot?.kind) {
    case 'task':
      return list(taskItems(document, position, slot, context));
    case 'language':
      return list(languageItems(document, position, slot, context));
    case 'object':
      return list(labelItems(document, slot, context));
    case 'box':
      return list(boxItems(slot.range, context));
    case 'directive':
      return list(directiveHelps.map(help => directiveItem(help.name, slot.range, help.title())));
    case 'model':
      return list(modelItems(slot.range, context));
    case 'image':
      return completeImages(document, position, slot, context);
    case 'settingKey':
      return list(settingKeys.map(setting => settingKeyItem(setting.key, setting.expected(), slot)));
    case 'settingValue':
      return list(settingValueItems(slot.key, slot.range));
    case 'expected':
      return list(expectedItems(document, position, context));
    case 'freeText':
    case 'comment':
    case undefined:
      return none;
  }
}

/** Adds documentation to an item; the thumbnail of an image if the context has it by now. */
export function resolveCompletion(item: CompletionItem, context: LanguageContext): CompletionItem {
  const data = item.data as CompletionData | undefined;
  const text = data === undefined ? undefined : documentationOf(data, context);
  return text === undefined ? item : { ...item, documentation: markup(text, context.client.markdown) };
}

/** The picture whose facts {@link resolveCompletion} shows for an item, for the caller to prepare. */
export function imageOfCompletion(item: CompletionItem): string | undefined {
  const data = item.data as CompletionData | undefined;
  return data?.kind === 'image' ? data.uri : undefined;
}

function documentationOf(data: CompletionData, context: LanguageContext): string | undefined {
  switch (data.kind) {
    case 'task': {
      const task = tasks.find(({ id }) => id === data.id);
      return task === undefined ? undefined : taskHelp(task);
    }
    case 'language': {
      const language = languageOfCode(data.code);
      return language === undefined ? undefined : languageHelp(language, data.checkpoint);
    }
    case 'directive':
      return directiveHelp(data.name)?.help();
    case 'model':
      return modelHelp(data.id, context.models);
    case 'settingKey': {
      const setting = settingKey(data.key);
      return setting === undefined ? undefined : settingHelp(setting);
    }
    case 'settingValue': {
      const setting = settingKey(data.key);
      return setting === undefined ? undefined : settingValueHelp(setting, data.value);
    }
    case 'image':
      return imageDocumentation(data.uri, context);
  }
}

function list(items: CompletionItem[]): CompletionList {
  return { isIncomplete: false, items };
}

function withData(item: CompletionItem, data: CompletionData): CompletionItem {
  return { ...item, data };
}

function taskItems(
  document: PromptDocument,
  position: Position,
  slot: Extract<Slot, { kind: 'task' }>,
  context: LanguageContext,
): CompletionItem[] {
  const { kind } = checkpointOf(stateAt(document, position.line), context);
  const items = tasks.map((task, index) => {
    const note = knowledgeNote(task, kind);
    const isUnknown = task.knownTo[kind] === 'no';
    const item: CompletionItem = {
      label: task.id === 'captionRegion' ? 'caption <box>' : task.word,
      filterText: task.word,
      kind: CompletionItemKind.Keyword,
      detail: note === '' ? task.title() : `${task.title()} (${note})`,
      sortText: `${isUnknown ? 'b' : 'a'}${index}`,
      ...insertion(task, slot, context),
    };
    return withData(item, { kind: 'task', id: task.id });
  });
  const expectation = slot.isIndentedBelow ? expectedItems(document, position, context) : [];
  if (slot.text === '=') return [...expectation, ...items];
  if (slot.hasRest || (slot.text !== '' && slot.text !== '"')) return items;
  const empty: CompletionItem = {
    label: '""',
    kind: CompletionItemKind.Value,
    detail: l10n.t('The empty prompt: the model writes some kind of caption'),
    sortText: 'c',
    textEdit: { range: slot.range, newText: '""' },
  };
  const directives = directiveHelps.map((help, index) => ({
    ...directiveItem(help.name, slot.range, help.title()),
    sortText: `d${index}`,
  }));
  return [...expectation, ...items, empty, ...directives];
}

function insertion(
  task: TaskInfo,
  slot: { readonly range: Range; readonly hasRest: boolean },
  context: LanguageContext,
): Partial<CompletionItem> {
  const { range } = slot;
  // What follows is there already: replace the word alone.
  if (slot.hasRest) return { textEdit: { range, newText: task.word } };
  if (context.client.snippets) {
    return {
      insertTextFormat: InsertTextFormat.Snippet,
      textEdit: { range, newText: snippetOf(task, context.language) },
    };
  }
  const rest = task.parameters.length === 0
    ? ''
    : task.parameters[0] === 'language'
    ? ` ${context.language}${task.parameters.length > 1 ? ' ' : ''}`
    : ' ';
  return { textEdit: { range, newText: task.word + rest } };
}

function snippetOf(task: TaskInfo, language: string): string {
  const parts = task.parameters.map((parameter, index) => {
    switch (parameter) {
      case 'language':
        return `\${${index + 1}:${language}}`;
      case 'question':
        return `\${${index + 1}:question}`;
      case 'answer':
        return `\${${index + 1}:answer}`;
      case 'objects':
        return `\${${index + 1}:object}`;
      case 'box':
        return '<loc${1:0000}><loc${2:0000}><loc${3:1023}><loc${4:1023}>';
    }
  });
  return [task.word, ...parts].join(' ');
}

function directiveItem(name: string, range: Range, title: string): CompletionItem {
  const item: CompletionItem = {
    label: name,
    kind: CompletionItemKind.Keyword,
    detail: title,
    filterText: name,
    commitCharacters: [' '],
    textEdit: { range, newText: name },
  };
  return withData(item, { kind: 'directive', name });
}

function languageItems(
  document: PromptDocument,
  position: Position,
  slot: Extract<Slot, { kind: 'language' }>,
  context: LanguageContext,
): CompletionItem[] {
  const { kind } = checkpointOf(stateAt(document, position.line), context);
  const needsMore = slot.task.parameters.length > 1 && !slot.hasRest;
  const items = languages.map((language, index) => {
    const isPreferred = language.code === context.language;
    const name = languageName(language);
    const item: CompletionItem = {
      label: language.code,
      labelDetails: { description: name },
      detail: name === language.ownName ? name : `${name}, ${language.ownName}`,
      kind: CompletionItemKind.EnumMember,
      // Typing the name finds the code too.
      filterText: `${language.code} ${name}`,
      sortText: isPreferred ? '0' : `1${String(index).padStart(2, '0')}`,
      textEdit: { range: slot.range, newText: language.code + (needsMore ? ' ' : '') },
      ...(isPreferred ? { preselect: true } : {}),
    };
    return withData(item, { kind: 'language', code: language.code, checkpoint: kind });
  });
  const isEmpty = slot.range.start.character === slot.range.end.character;
  return slot.task.word === 'caption' && isEmpty ? [...items, ...boxItems(slot.range, context)] : items;
}

function boxItems(range: Range, context: LanguageContext): CompletionItem[] {
  const snippet = '<loc${1:0000}><loc${2:0000}><loc${3:1023}><loc${4:1023}>';
  return [{
    label: '<loc…>',
    kind: CompletionItemKind.Snippet,
    detail: l10n.t('A box: top, left, bottom, right, 0000 to 1023 each'),
    filterText: '<loc',
    sortText: '2',
    ...(context.client.snippets
      ? { insertTextFormat: InsertTextFormat.Snippet, textEdit: { range, newText: snippet } }
      : { textEdit: { range, newText: '<loc0000><loc0000><loc1023><loc1023>' } }),
  }];
}

function labelItems(
  document: PromptDocument,
  slot: Extract<Slot, { kind: 'object' }>,
  context: LanguageContext,
): CompletionItem[] {
  const { start, end } = slot.range;
  const before = document.lines[start.line]?.text[start.character - 1];
  const space = before === ';' ? ' ' : '';
  const items: CompletionItem[] = context.labels.slice(0, MAX_LABELS).filter(label =>
    label !== '' && !slot.others.includes(label)
  ).map((label, index) => ({
    label,
    kind: CompletionItemKind.Value,
    detail: l10n.t('used in this workspace'),
    sortText: `a${String(index).padStart(3, '0')}`,
    ...(space === '' ? {} : { filterText: space + label }),
    textEdit: { range: slot.range, newText: space + label },
  }));
  if (end.character > start.character) {
    items.push({
      label: ';',
      kind: CompletionItemKind.Operator,
      detail: l10n.t('one more object'),
      sortText: 'b',
      filterText: document.lines[start.line]?.text.slice(start.character, end.character) ?? '',
      textEdit: { range: { start: end, end }, newText: ' ; ' },
    });
  }
  return items;
}

function modelItems(range: Range, context: LanguageContext): CompletionItem[] {
  const listed = new Set(context.models.map(model => model.id.toLowerCase()));
  const entries = [
    ...context.models.map(model => ({
      id: model.id,
      isInstalled: model.isInstalled,
      kind: model.kind,
      resolutionPx: model.resolutionPx,
    })),
    ...knownCheckpoints.filter(known => !listed.has(known.id.toLowerCase())).map(known => ({
      ...known,
      isInstalled: false,
    })),
  ];
  return entries.map((entry, index) => {
    const where = entry.isInstalled ? l10n.t('on this machine') : l10n.t('not on this machine yet');
    const size = entry.resolutionPx === undefined ? '' : `, ${entry.resolutionPx} px`;
    const item: CompletionItem = {
      label: entry.id,
      kind: CompletionItemKind.Module,
      detail: entry.kind === 'unknown' ? where + size : `${where}, ${entry.kind}${size}`,
      sortText: `${entry.isInstalled ? 'a' : 'b'}${String(index).padStart(3, '0')}`,
      textEdit: { range, newText: entry.id },
    };
    return withData(item, { kind: 'model', id: entry.id });
  });
}

function settingKeyItem(key: string, expected: string, slot: Extract<Slot, { kind: 'settingKey' }>): CompletionItem {
  const item: CompletionItem = {
    label: key,
    kind: CompletionItemKind.Property,
    detail: expected,
    commitCharacters: [' '],
    textEdit: { range: slot.range, newText: key },
  };
  return withData(item, { kind: 'settingKey', key });
}

function settingValueItems(key: string, range: Range): CompletionItem[] {
  return (settingKey(key)?.values ?? []).map(({ value, about }, index) =>
    withData({
      label: value,
      kind: CompletionItemKind.Value,
      detail: about(),
      sortText: String(index).padStart(3, '0'),
      textEdit: { range, newText: value },
    }, { kind: 'settingValue', key, value })
  );
}

/** `=>` with what the model said, for each different answer that is known. */
function expectedItems(document: PromptDocument, position: Position, context: LanguageContext): CompletionItem[] {
  const line = document.lines[position.line];
  if (line?.kind === 'joined') return [];
  const isOnArrow = line?.kind === 'expectation';
  const own = isOnArrow ? promptAt(document, position.line) : undefined;
  const prompt = own ?? document.prompts.findLast(candidate => candidate.line < position.line);
  if (prompt === undefined) return [];
  const isTyped = !isOnArrow && line?.text[position.character - 1] === '=';
  const start = { line: position.line, character: isOnArrow ? line.start : position.character - (isTyped ? 1 : 0) };
  const range = { start, end: isOnArrow ? { line: position.line, character: line.end } : position };
  const prefix = isOnArrow ? '' : '=> ';
  const answers = acceptableSuffix(document, prompt, context);
  const items: CompletionItem[] = answers.map((answer, index) => ({
    label: prefix + clip(answer, 60),
    kind: CompletionItemKind.Value,
    detail: l10n.t('the current answer'),
    sortText: `0${index}`,
    filterText: prefix + clip(answer, 60),
    textEdit: { range, newText: prefix + answer },
  }));
  if (!isOnArrow) {
    items.push({
      label: '=>',
      kind: CompletionItemKind.Operator,
      detail: l10n.t('the answer that you expect from the prompt above'),
      sortText: '1',
      textEdit: { range, newText: '=> ' },
    });
  }
  return items;
}
