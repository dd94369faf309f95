/**
 * Findings about what a prompt asks of its checkpoint: task, language, objects. Never an error: the model takes any
 * text.
 */
import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity } from 'vscode-languageserver-types';
import type { SpanEdit, TextFinding, TextFix } from './findings';
import { nearest } from '../text/fuzzy';
import { mixSibling } from '../knowledge/models';
import type { CheckpointFacts } from '../knowledge/models';
import { objectFindings } from './objectFindings';
import { readShape, textOf, trimSpan } from '../syntax/promptShape';
import type { PromptShape, TextSpan } from '../syntax/promptShape';
import { demoLanguages, languageMeantBy, languageName, taskOfWord, taskWords } from '../../../../paligemma/src/tasks';
import type { LanguageInfo, TaskInfo } from '../../../../paligemma/src/tasks';

const questionWord = /^(?:what|which|who|whose|where|when|why|how|is|are|was|were|does|do|did|can|has|have)\b/i;
/** Codes that are usual English words: on a checkpoint that takes free text they say nothing about a language. */
const codesThatAreWords = new Set([
  'it',
  'no',
  'he',
  'hi',
  'is',
  'id',
  'in',
  'de',
  'as',
  'at',
  'be',
  'by',
  'do',
  'go',
  'if',
  'me',
  'my',
  'of',
  'on',
  'or',
  'so',
  'to',
  'up',
  'us',
  'we',
  'am',
  'an',
  'all',
  'the',
  'and',
  'any',
  'for',
  'how',
  'who',
  'why',
]);

export function promptFindings(shape: PromptShape, facts: CheckpointFacts, language: string): TextFinding[] {
  if (shape.word.start === shape.word.end) return [];
  const { task } = shape;
  if (task === undefined) return freeFindings(shape, facts);
  return [
    ...checkpointFindings(shape, task, facts),
    ...formFindings(shape, task, facts, language),
    ...objectFindings(shape, task, facts),
  ];
}

/** Checkpoints that know the task prompts and nothing else. */
function isStrict(facts: CheckpointFacts): boolean {
  return facts.kind === 'pt' || facts.kind === 'demo';
}

/** As the subject of a sentence. */
function nameOf(facts: CheckpointFacts): string {
  return facts.kind === 'demo' ? l10n.t('the demo model') : facts.id;
}

/** The first word is no task: a slip, a capital letter, or free text. */
function freeFindings(shape: PromptShape, facts: CheckpointFacts): TextFinding[] {
  const word = textOf(shape, shape.word);
  const slip = capitalTask(shape, word, facts) ?? misspelledTask(shape, word, facts);
  if (slip !== undefined) return [slip];
  if (facts.tunedTo === 'docci') return [notTunedTo(shape, facts)];
  if (!isStrict(facts) || shape.text.trim() === '') return [];
  const rest = trimSpan(shape.text, 0, shape.text.length);
  const fixes: TextFix[] = [];
  const text = textOf(shape, rest);
  if (questionWord.test(text) || text.endsWith('?')) {
    fixes.push({
      title: l10n.t('Ask with “answer en”'),
      edits: [{ start: rest.start, end: rest.start, newText: 'answer en ' }],
      isPreferred: true,
    });
  }
  fixes.push(...modelFix(facts));
  return [{ code: 'unknown-task', span: shape.word, parts: [clipWord(word), nameOf(facts)], fixes }];
}

function capitalTask(shape: PromptShape, word: string, facts: CheckpointFacts): TextFinding | undefined {
  const lower = word.toLowerCase();
  if (lower === word || taskOfWord(lower) === undefined) return undefined;
  const text = shape.text.slice(0, shape.word.start) + lower + shape.text.slice(shape.word.end);
  const meant = readShape(text.slice(0, 2000));
  const takesObjects = meant.task?.parameters[0] === 'objects';
  const isAmbiguous = meant.language !== undefined && codesThatAreWords.has(meant.language.code);
  if (!isStrict(facts) && !takesObjects && (meant.form !== 'exact' || isAmbiguous)) return undefined;
  return { code: 'capital-task', span: shape.word, parts: [word, lower], fixes: [replaceFix(shape.word, lower)] };
}

function misspelledTask(shape: PromptShape, word: string, facts: CheckpointFacts): TextFinding | undefined {
  if (word.length < 5 || word.length > 12) return undefined;
  const meant = nearest(word, taskWords, isStrict(facts) ? 2 : 1);
  if (meant === undefined || meant.length < 5) return undefined;
  // On a checkpoint that understands English, “captions” and “answered” are words of their own.
  if (!isStrict(facts) && word.toLowerCase().startsWith(meant)) return undefined;
  return { code: 'misspelled-task', span: shape.word, parts: [word, meant], fixes: [replaceFix(shape.word, meant)] };
}

function checkpointFindings(shape: PromptShape, task: TaskInfo, facts: CheckpointFacts): TextFinding[] {
  if (facts.tunedTo === 'docci' && task.id !== 'caption' && task.id !== 'describe') {
    return [notTunedTo(shape, facts)];
  }
  if (task.knownTo[facts.kind] === 'no') {
    const fixes: TextFix[] = task.id === 'cap' ? [replaceFix(shape.word, 'caption')] : [];
    const parts = [task.id === 'cap' ? 'cap' : 'region', nameOf(facts)];
    return [{ code: 'not-for-checkpoint', span: shape.word, parts, fixes }];
  }
  return facts.kind === 'demo' ? demoLanguage(shape, task) : [];
}

/** Source: the demo model's card: `caption` in four languages, every other task in English. */
function demoLanguage(shape: PromptShape, task: TaskInfo): TextFinding[] {
  const { language } = shape;
  if (language === undefined || language.code === 'en') return [];
  if (task.id === 'caption' && demoLanguages.includes(language.code)) return [];
  const which = task.id === 'caption' ? ['captionLanguage', demoLanguages.join(', ')] : ['taskLanguage', task.word];
  return [{
    code: 'not-for-checkpoint',
    span: shape.second,
    parts: [...which, languageName(language)],
    fixes: [replaceFix(shape.second, 'en')],
  }];
}

function notTunedTo(shape: PromptShape, facts: CheckpointFacts): TextFinding {
  const fixes: TextFix[] = [{
    title: l10n.t('Write “{0}”', 'caption en'),
    edits: [{ start: 0, end: shape.text.length, newText: 'caption en' }],
  }, ...modelFix(facts)];
  return {
    code: 'not-for-checkpoint',
    span: shape.word,
    parts: ['others', facts.id],
    fixes,
  };
}

function formFindings(shape: PromptShape, task: TaskInfo, facts: CheckpointFacts, language: string): TextFinding[] {
  const hasBody = shape.body.end > shape.body.start;
  if (task.parameters[0] === 'language' && shape.language === undefined) {
    return languageFindings(shape, task, facts, language);
  }
  if (task.parameters[0] === 'objects' && !hasBody) {
    return [{ code: 'missing-object', span: shape.word, parts: [task.word, task.example.prompt] }];
  }
  if (task.parameters.length === 2 && !hasBody) {
    return [{
      code: 'missing-text',
      span: shape.second,
      parts: [task.id, task.example.prompt],
    }];
  }
  if (task.id === 'captionRegion') return boxFindings(shape, task);
  const takesBody = task.parameters.length === 2 || task.parameters[0] === 'objects';
  if (hasBody && !takesBody && isStrict(facts)) {
    const form = textOf(shape, {
      start: shape.word.start,
      end: shape.language === undefined ? shape.word.end : shape.second.end,
    });
    const end = shape.text.length;
    return [{
      code: 'extra-text',
      span: shape.body,
      parts: [form],
      fixes: [{
        title: l10n.t('Keep “{0}” only', form),
        edits: [{ start: shape.word.start + form.length, end, newText: '' }],
      }],
    }];
  }
  return [];
}

function boxFindings(shape: PromptShape, task: TaskInfo): TextFinding[] {
  const locs = shape.tokens.filter(token => token.kind === 'loc');
  if (shape.form === 'exact' || locs.length >= 4) return [];
  return [{ code: 'missing-text', span: shape.body, parts: [task.id, task.example.prompt] }];
}

/** The word behind `caption`, `answer`, … is no language: missing, mistyped, or the prompt is free text. */
function languageFindings(shape: PromptShape, task: TaskInfo, facts: CheckpointFacts, language: string): TextFinding[] {
  const second = textOf(shape, shape.second);
  const insert: SpanEdit = { start: shape.word.end, end: shape.word.end, newText: ` ${language}` };
  const example = task.parameters.length > 1 && second !== ''
    ? `${task.word} ${language} …`
    : `${task.word} ${language}`;
  const missing: TextFinding = {
    code: 'missing-language',
    span: second === '' ? shape.word : shape.second,
    parts: [task.word, example],
    fixes: [{ title: l10n.t('Insert “{0}”', language), edits: [insert], isPreferred: true }],
    ...(isStrict(facts) ? {} : { severity: DiagnosticSeverity.Information }),
  };
  if (second === '') return [missing];
  const wrongCode = wrongLanguage(shape, second, isStrict(facts), language);
  if (wrongCode !== undefined) return [wrongCode];
  return isStrict(facts) || (task.parameters.length > 1 && questionWord.test(second)) ? [missing] : [];
}

/** A second word that is meant as a language; on a checkpoint that takes free text only where that is plain. */
function wrongLanguage(shape: PromptShape, second: string, strict: boolean, language: string): TextFinding | undefined {
  const isAlone = shape.second.end === shape.body.end;
  const isWord = codesThatAreWords.has(second.toLowerCase());
  if (second.length > 30 || (isWord && !isAlone)) return undefined;
  const meant = languageMeantBy(second);
  const looksLikeCode = second !== second.toLowerCase() || /[-_]/.test(second);
  if (meant !== undefined && (strict || isAlone || looksLikeCode)) {
    return unknownLanguage(shape, second, meant, meant.code);
  }
  const isCode = /^[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?$/.test(second);
  const isSure = isAlone || (strict && second.length === 2);
  return isCode && isSure && !isWord ? unknownLanguage(shape, second, undefined, language) : undefined;
}

function unknownLanguage(
  shape: PromptShape,
  code: string,
  meant: LanguageInfo | undefined,
  replacement: string,
): TextFinding {
  return {
    code: 'unknown-language',
    span: shape.second,
    parts: [code, ...(meant === undefined ? [''] : [meant.code, languageName(meant)])],
    fixes: [replaceFix(shape.second, replacement, meant !== undefined)],
  };
}

function replaceFix(span: TextSpan, newText: string, isPreferred = true): TextFix {
  return { title: l10n.t('Write “{0}”', newText), edits: [{ start: span.start, end: span.end, newText }], isPreferred };
}

function modelFix(facts: CheckpointFacts): TextFix[] {
  const mix = mixSibling(facts.id);
  return mix === undefined || mix.id === facts.id ? [] : [{ title: l10n.t('Use {0}', mix.id), model: mix.id }];
}

function clipWord(word: string): string {
  return word.length > 40 ? `${word.slice(0, 39)}…` : word;
}
