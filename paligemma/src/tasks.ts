/** The one table of PaliGemma's tasks and languages. What is said to people is in the language of the process. */
import * as l10n from '@vscode/l10n';
import type { CheckpointKind } from './facts';
import { firstWord } from './firstWord';

export type TaskId =
  | 'cap'
  | 'caption'
  | 'describe'
  | 'ocr'
  | 'answer'
  | 'question'
  | 'detect'
  | 'segment'
  | 'captionRegion';

/** A part of a prompt behind the task word. */
export type TaskParameter = 'language' | 'question' | 'answer' | 'objects' | 'box';

/**
 * `yes`: documented. `shown`: shown to work in a publication, while another says no. `no`: not known. `unsure`: depends
 * on its training.
 */
export type Knowledge = 'yes' | 'shown' | 'no' | 'unsure';

export interface TaskInfo {
  readonly id: TaskId;
  /** First word of the prompt, small letters. */
  readonly word: string;
  readonly title: () => string;
  readonly does: () => string;
  /** What follows the word, in order. */
  readonly parameters: readonly TaskParameter[];
  /** The exact form, parameters in braces. */
  readonly form: string;
  readonly example: { readonly prompt: string; readonly suffix: string };
  /** Upper limit of suffix tokens that its answers need: a box takes 4 tokens and its label, a mask 16 more. */
  readonly usualTokens: number;
  readonly knownTo: Readonly<Record<CheckpointKind, Knowledge>>;
  readonly tip?: () => string;
}

const everywhere: TaskInfo['knownTo'] = { pt: 'yes', mix: 'yes', ft: 'unsure', demo: 'yes', unknown: 'unsure' };
const shownOnMix: TaskInfo['knownTo'] = { ...everywhere, mix: 'shown' };
const notOnMix: TaskInfo['knownTo'] = { ...everywhere, mix: 'no' };

/**
 * Source: Google AI developer documentation, "PaliGemma prompt and system instructions"; PaliGemma paper
 * (arXiv 2407.07726) §3.2.5; Hugging Face blog "PaliGemma 2 Mix". The demo model: its model card.
 */
export const tasks: readonly TaskInfo[] = [
  {
    id: 'cap',
    word: 'cap',
    title: () => l10n.t('Short caption, web style'),
    parameters: ['language'],
    form: 'cap {language}',
    does: () => l10n.t('Writes a short caption in the raw style of alt texts on the web.'),
    example: { prompt: 'cap en', suffix: 'cat on a sofa' },
    usualTokens: 64,
    knownTo: notOnMix,
  },
  {
    id: 'caption',
    word: 'caption',
    title: () => l10n.t('Caption'),
    parameters: ['language'],
    form: 'caption {language}',
    does: () => l10n.t('Describes the picture in one short sentence.'),
    example: { prompt: 'caption en', suffix: 'a red bus in front of a church' },
    usualTokens: 64,
    knownTo: everywhere,
  },
  {
    id: 'describe',
    word: 'describe',
    title: () => l10n.t('Longer description'),
    parameters: ['language'],
    form: 'describe {language}',
    does: () => l10n.t('Describes the picture in one or more sentences, with details.'),
    example: {
      prompt: 'describe en',
      suffix: 'In this image we can see a cow standing on the beach. In the background there is water.',
    },
    usualTokens: 256,
    knownTo: shownOnMix,
    tip: () => l10n.t('Leave room for a long answer: `@set max-new-tokens 256`.'),
  },
  {
    id: 'ocr',
    word: 'ocr',
    title: () => l10n.t('Read text'),
    parameters: [],
    form: 'ocr',
    does: () => l10n.t('Reads all text in the picture, from the top left to the bottom right.'),
    example: { prompt: 'ocr', suffix: 'EXIT 24 Market St' },
    usualTokens: 512,
    knownTo: shownOnMix,
    tip: () => l10n.t('A model for 448 or 896 pixels reads small text much better than one for 224.'),
  },
  {
    id: 'answer',
    word: 'answer',
    title: () => l10n.t('Answer a question'),
    parameters: ['language', 'question'],
    form: 'answer {language} {question}',
    does: () =>
      l10n.t(
        'Answers a question about the picture, usually with one or two words. The language is that of the answer.',
      ),
    example: { prompt: 'answer en What color is the church?', suffix: 'gray' },
    usualTokens: 64,
    knownTo: everywhere,
    tip: () => l10n.t('Each prompt stands alone: the model does not remember earlier answers.'),
  },
  {
    id: 'question',
    word: 'question',
    title: () => l10n.t('Invent a question'),
    parameters: ['language', 'answer'],
    form: 'question {language} {answer}',
    does: () => l10n.t('Writes a question about the picture that has the given answer.'),
    example: { prompt: 'question en gray', suffix: 'what color is the church?' },
    usualTokens: 64,
    knownTo: shownOnMix,
  },
  {
    id: 'detect',
    word: 'detect',
    title: () => l10n.t('Find objects (boxes)'),
    parameters: ['objects'],
    form: 'detect {object} ; {object}',
    does: () =>
      l10n.t(
        'Finds every object of the named kinds and draws a box around each. Objects that are not in the picture are left out.',
      ),
    example: {
      prompt: 'detect cat',
      suffix: '<loc0046><loc0538><loc0795><loc1022> cat ; <loc0110><loc0000><loc1022><loc0512> cat',
    },
    usualTokens: 512,
    knownTo: everywhere,
    tip: () =>
      l10n.t(
        'Separate several objects with ` ; `. Pretrained models find most with one object in a prompt, mix models with up to about ten.',
      ),
  },
  {
    id: 'segment',
    word: 'segment',
    title: () => l10n.t('Outline objects (masks)'),
    parameters: ['objects'],
    form: 'segment {object}',
    does: () => l10n.t('Finds the named object and marks its exact shape: a box and a mask.'),
    example: { prompt: 'segment cat', suffix: '<loc0347><loc0553><loc0788><loc0749><seg093><seg106>… cat' },
    usualTokens: 512,
    knownTo: everywhere,
    tip: () => l10n.t('A phrase such as `person in red` picks one of several.'),
  },
  {
    id: 'captionRegion',
    word: 'caption',
    title: () => l10n.t('Caption of a region'),
    parameters: ['box'],
    form: 'caption {box}',
    does: () =>
      l10n.t(
        'Says what is inside a box. The box is four location tokens: top, left, bottom, right, each from 0000 to 1023.',
      ),
    example: { prompt: 'caption <loc0110><loc0000><loc1022><loc0512>', suffix: 'cat' },
    usualTokens: 64,
    knownTo: { pt: 'yes', mix: 'unsure', ft: 'unsure', demo: 'no', unknown: 'unsure' },
  },
];

const byWord = new Map(tasks.filter(task => task.id !== 'captionRegion').map(task => [task.word, task]));
const byId = new Map(tasks.map(task => [task.id, task]));

/** The task of a first word, exactly as written; `caption` is the whole picture's. */
export function taskOfWord(word: string): TaskInfo | undefined {
  return byWord.get(word);
}

export function taskById(id: TaskId): TaskInfo {
  const task = byId.get(id);
  if (task === undefined) throw new RangeError(`No task ${id}`);
  return task;
}

/** Answers to free questions and to the empty prompt are of any length. */
const TOKENS_OF_OTHERS = 256;

/**
 * How long an answer may get, in suffix tokens: as asked for with the run, else as configured, else what is usual for
 * the task of the prompt.
 * @param configured The setting `maxNewTokens`; 0: none.
 */
export function tokenLimit(prompt: string, asked: number | undefined, configured: number): number {
  if (asked !== undefined) return asked;
  if (configured > 0) return configured;
  return taskOfWord(firstWord(prompt))?.usualTokens ?? TOKENS_OF_OTHERS;
}

/** The task words, each once, in the order of the table. */
export const taskWords: readonly string[] = [...byWord.keys()];

export interface LanguageInfo {
  readonly code: string;
  /** In English; {@link languageName} for people. */
  readonly name: string;
  /** The language's name in itself. */
  readonly ownName: string;
}

/** Marks a text for the bundle that is translated where it is shown. */
const t = (english: string): string => english;

/** Source: big_vision 0127fb6, `configs/proj/paligemma/transfers/coco35l.py`. */
export const languages: readonly LanguageInfo[] = [
  ['en', t('English'), 'English'],
  ['ar', t('Arabic'), 'العربية'],
  ['bn', t('Bengali'), 'বাংলা'],
  ['cs', t('Czech'), 'čeština'],
  ['da', t('Danish'), 'dansk'],
  ['de', t('German'), 'Deutsch'],
  ['el', t('Greek'), 'Ελληνικά'],
  ['es', t('Spanish'), 'español'],
  ['fa', t('Persian'), 'فارسی'],
  ['fi', t('Finnish'), 'suomi'],
  ['fil', t('Filipino'), 'Filipino'],
  ['fr', t('French'), 'français'],
  ['he', t('Hebrew'), 'עברית'],
  ['hi', t('Hindi'), 'हिन्दी'],
  ['hr', t('Croatian'), 'hrvatski'],
  ['hu', t('Hungarian'), 'magyar'],
  ['id', t('Indonesian'), 'Bahasa Indonesia'],
  ['it', t('Italian'), 'italiano'],
  ['ja', t('Japanese'), '日本語'],
  ['ko', t('Korean'), '한국어'],
  ['mi', t('Māori'), 'te reo Māori'],
  ['nl', t('Dutch'), 'Nederlands'],
  ['no', t('Norwegian'), 'norsk'],
  ['pl', t('Polish'), 'polski'],
  ['pt', t('Portuguese'), 'português'],
  ['ro', t('Romanian'), 'română'],
  ['ru', t('Russian'), 'русский'],
  ['sv', t('Swedish'), 'svenska'],
  ['sw', t('Swahili'), 'Kiswahili'],
  ['te', t('Telugu'), 'తెలుగు'],
  ['th', t('Thai'), 'ไทย'],
  ['tr', t('Turkish'), 'Türkçe'],
  ['uk', t('Ukrainian'), 'українська'],
  ['vi', t('Vietnamese'), 'Tiếng Việt'],
  ['zh', t('Chinese'), '中文'],
].map(([code, name, ownName]) => ({ code: code!, name: name!, ownName: ownName! }));

const byCode = new Map(languages.map(language => [language.code, language]));

/** A language's name in the language of the process. */
export function languageName({ name }: LanguageInfo): string {
  return l10n.t(name);
}

export function languageOfCode(code: string): LanguageInfo | undefined {
  return byCode.get(code);
}

/** The languages that the demo model can write. Source: its model card. */
export const demoLanguages: readonly string[] = ['en', 'de', 'fr', 'es'];

/** What people write instead of a code: country codes, old codes, three-letter codes. */
const otherCodes: Readonly<Record<string, string>> = {
  jp: 'ja',
  cn: 'zh',
  tw: 'zh',
  gr: 'el',
  cz: 'cs',
  dk: 'da',
  se: 'sv',
  kr: 'ko',
  ua: 'uk',
  gb: 'en',
  us: 'en',
  br: 'pt',
  nb: 'no',
  nn: 'no',
  iw: 'he',
  tl: 'fil',
  ph: 'fil',
  ir: 'fa',
  per: 'fa',
  at: 'de',
  ger: 'de',
  deu: 'de',
  eng: 'en',
  fra: 'fr',
  fre: 'fr',
  spa: 'es',
  ita: 'it',
  por: 'pt',
  rus: 'ru',
  jpn: 'ja',
  chi: 'zh',
  zho: 'zh',
  kor: 'ko',
  ara: 'ar',
  hin: 'hi',
  nld: 'nl',
  dut: 'nl',
  swe: 'sv',
  nor: 'no',
  dan: 'da',
  fin: 'fi',
  pol: 'pl',
  tur: 'tr',
};
const byName = new Map(
  languages.flatMap(language =>
    [[language.name.toLowerCase(), language], [language.ownName.toLowerCase(), language]] as const
  ),
);

/** The language that a wrong code or a name stands for: `EN`, `jp`, `en-US`, `german`, `Deutsch`. */
export function languageMeantBy(text: string): LanguageInfo | undefined {
  const lower = text.toLowerCase();
  const base = lower.split(/[-_]/, 1)[0] ?? lower;
  return byCode.get(lower) ?? byName.get(lower) ?? byCode.get(otherCodes[lower] ?? '')
    ?? (base === lower ? undefined : byCode.get(base) ?? byCode.get(otherCodes[base] ?? ''));
}

/** What a kind of checkpoint is, in a sentence for a person who meets the word for the first time. */
export const checkpointKinds: Readonly<Record<CheckpointKind, () => string>> = {
  pt: () => l10n.t('Pretrained (pt): a base to be fine-tuned; it answers the short task prompts only.'),
  mix: () => l10n.t('Mix: ready to use; it knows the task prompts and understands free questions in English too.'),
  ft: () => l10n.t('Fine-tuned (ft): trained for one task; it knows the prompts of that task only.'),
  demo: () => l10n.t('Demo: tiny and bundled; it knows drawn shapes and printed words, not photographs.'),
  unknown: () => l10n.t('It is not known which prompts this model was trained with.'),
};
