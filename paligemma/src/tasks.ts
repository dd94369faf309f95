/** The one table of PaliGemma's tasks and languages. */
import type { CheckpointKind } from './facts';

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
  readonly title: string;
  readonly does: string;
  /** What follows the word, in order. */
  readonly parameters: readonly TaskParameter[];
  /** The exact form, parameters in braces. */
  readonly form: string;
  readonly example: { readonly prompt: string; readonly suffix: string };
  readonly knownTo: Readonly<Record<CheckpointKind, Knowledge>>;
  readonly tip?: string;
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
    title: 'Short caption, web style',
    parameters: ['language'],
    form: 'cap {language}',
    does: 'Writes a short caption in the raw style of alt texts on the web.',
    example: { prompt: 'cap en', suffix: 'cat on a sofa' },
    knownTo: notOnMix,
  },
  {
    id: 'caption',
    word: 'caption',
    title: 'Caption',
    parameters: ['language'],
    form: 'caption {language}',
    does: 'Describes the picture in one short sentence.',
    example: { prompt: 'caption en', suffix: 'a red bus in front of a church' },
    knownTo: everywhere,
  },
  {
    id: 'describe',
    word: 'describe',
    title: 'Longer description',
    parameters: ['language'],
    form: 'describe {language}',
    does: 'Describes the picture in one or more sentences, with details.',
    example: {
      prompt: 'describe en',
      suffix: 'In this image we can see a cow standing on the beach. In the background there is water.',
    },
    knownTo: shownOnMix,
    tip: 'Give it room: `@set max-new-tokens 256`.',
  },
  {
    id: 'ocr',
    word: 'ocr',
    title: 'Read text',
    parameters: [],
    form: 'ocr',
    does: 'Reads all text in the picture, from the top left to the bottom right.',
    example: { prompt: 'ocr', suffix: 'EXIT 24 Market St' },
    knownTo: shownOnMix,
    tip: 'A model for 448 or 896 pixels reads small text much better than one for 224.',
  },
  {
    id: 'answer',
    word: 'answer',
    title: 'Answer a question',
    parameters: ['language', 'question'],
    form: 'answer {language} {question}',
    does: 'Answers a question about the picture, usually with one or two words. The language is that of the answer.',
    example: { prompt: 'answer en What color is the church?', suffix: 'gray' },
    knownTo: everywhere,
    tip: 'Each prompt stands alone: the model does not remember earlier answers.',
  },
  {
    id: 'question',
    word: 'question',
    title: 'Invent a question',
    parameters: ['language', 'answer'],
    form: 'question {language} {answer}',
    does: 'Writes a question about the picture that has the given answer.',
    example: { prompt: 'question en gray', suffix: 'what color is the church?' },
    knownTo: shownOnMix,
  },
  {
    id: 'detect',
    word: 'detect',
    title: 'Find objects (boxes)',
    parameters: ['objects'],
    form: 'detect {object} ; {object}',
    does:
      'Finds every object of the named kinds and draws a box around each. Objects that are not in the picture are left out.',
    example: {
      prompt: 'detect cat',
      suffix: '<loc0046><loc0538><loc0795><loc1022> cat ; <loc0110><loc0000><loc1022><loc0512> cat',
    },
    knownTo: everywhere,
    tip:
      'Several objects are separated by ` ; `. One object in a prompt works best with pretrained checkpoints, up to about ten with mix.',
  },
  {
    id: 'segment',
    word: 'segment',
    title: 'Outline objects (masks)',
    parameters: ['objects'],
    form: 'segment {object}',
    does: 'Finds the named object and marks its exact shape: a box and a mask.',
    example: { prompt: 'segment cat', suffix: '<loc0347><loc0553><loc0788><loc0749><seg093><seg106>… cat' },
    knownTo: everywhere,
    tip: 'A phrase such as `person in red` picks one of several.',
  },
  {
    id: 'captionRegion',
    word: 'caption',
    title: 'Caption of a region',
    parameters: ['box'],
    form: 'caption {box}',
    does:
      'Says what is inside a box. The box is four location tokens: top, left, bottom, right, each from 0000 to 1023.',
    example: { prompt: 'caption <loc0110><loc0000><loc1022><loc0512>', suffix: 'cat' },
    knownTo: { pt: 'yes', mix: 'unsure', ft: 'unsure', demo: 'no', unknown: 'unsure' },
  },
];

const byWord = new Map(tasks.filter(task => task.id !== 'captionRegion').map(task => [task.word, task]));
const regionTask = tasks.find(task => task.id === 'captionRegion');

/** The task of a first word, exactly as written; `caption` is the whole picture's. */
export function taskOfWord(word: string): TaskInfo | undefined {
  return byWord.get(word);
}

export function taskById(id: TaskId): TaskInfo | undefined {
  return id === 'captionRegion' ? regionTask : byWord.get(id);
}

/** The task words, each once, in the order of the table. */
export const taskWords: readonly string[] = [...byWord.keys()];

export interface LanguageInfo {
  readonly code: string;
  readonly name: string;
  /** The language's name in itself. */
  readonly ownName: string;
}

/** Source: big_vision 0127fb6, `configs/proj/paligemma/transfers/coco35l.py`. */
export const languages: readonly LanguageInfo[] = [
  ['en', 'English', 'English'],
  ['ar', 'Arabic', 'العربية'],
  ['bn', 'Bengali', 'বাংলা'],
  ['cs', 'Czech', 'čeština'],
  ['da', 'Danish', 'dansk'],
  ['de', 'German', 'Deutsch'],
  ['el', 'Greek', 'Ελληνικά'],
  ['es', 'Spanish', 'español'],
  ['fa', 'Persian', 'فارسی'],
  ['fi', 'Finnish', 'suomi'],
  ['fil', 'Filipino', 'Filipino'],
  ['fr', 'French', 'français'],
  ['he', 'Hebrew', 'עברית'],
  ['hi', 'Hindi', 'हिन्दी'],
  ['hr', 'Croatian', 'hrvatski'],
  ['hu', 'Hungarian', 'magyar'],
  ['id', 'Indonesian', 'Bahasa Indonesia'],
  ['it', 'Italian', 'italiano'],
  ['ja', 'Japanese', '日本語'],
  ['ko', 'Korean', '한국어'],
  ['mi', 'Māori', 'te reo Māori'],
  ['nl', 'Dutch', 'Nederlands'],
  ['no', 'Norwegian', 'norsk'],
  ['pl', 'Polish', 'polski'],
  ['pt', 'Portuguese', 'português'],
  ['ro', 'Romanian', 'română'],
  ['ru', 'Russian', 'русский'],
  ['sv', 'Swedish', 'svenska'],
  ['sw', 'Swahili', 'Kiswahili'],
  ['te', 'Telugu', 'తెలుగు'],
  ['th', 'Thai', 'ไทย'],
  ['tr', 'Turkish', 'Türkçe'],
  ['uk', 'Ukrainian', 'українська'],
  ['vi', 'Vietnamese', 'Tiếng Việt'],
  ['zh', 'Chinese', '中文'],
].map(([code, name, ownName]) => ({ code: code!, name: name!, ownName: ownName! }));

const byCode = new Map(languages.map(language => [language.code, language]));

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

/** What a kind of checkpoint is, for a person who meets the word for the first time. */
export const checkpointKinds: Readonly<Record<CheckpointKind, { readonly name: string; readonly about: string }>> = {
  pt: { name: 'pretrained (pt)', about: 'a base to be fine-tuned; it answers the short task prompts only' },
  mix: { name: 'mix', about: 'ready to use; it knows the task prompts and understands free questions in English too' },
  ft: { name: 'fine-tuned (ft)', about: 'trained for one task; it knows the prompts of that task only' },
  demo: { name: 'demo', about: 'tiny and bundled; it knows drawn shapes and printed words, not photographs' },
  unknown: { name: 'of unknown kind', about: 'it is not known which prompts it was trained with' },
};
