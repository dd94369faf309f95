/** The verbs that make a prompt of their arguments and run it on each picture: one row each. */
import { isUsableInput, taskPrompt } from '../../../../paligemma/src/prompts';
import { checkRegions, readOutput } from './outputWords';
import { readLanguage, UsageError, type OptionValues } from '../terminal/options';
import { fileOptionNames, pictureOptionNames, runOptionNames, type Verb } from '../terminal/verb';

export interface PromptAndImages {
  readonly prompt: string;
  /** Paths as they were given. */
  readonly images: readonly string[];
}

interface Row extends Pick<Verb, 'name' | 'usage' | 'summary' | 'details'> {
  /** Whether its answers are regions, which a person reads as columns. */
  readonly givesRegions?: true;
  /** Whether its answers never are. */
  readonly isText?: true;
  readonly takesLanguage: boolean;
  /** @throws UsageError */
  readonly read: (
    positionals: readonly string[],
    values: OptionValues,
    note: (line: string) => void,
  ) => PromptAndImages;
}

export interface PromptVerb extends Verb, Row {}

const regionDetails = [
  'A terminal shows a line for each object: label, left, top, right and bottom in pixels. Elsewhere, and with --raw, a line',
  'is the answer as the model wrote it; --json has both.',
];

const rows: readonly Row[] = [
  {
    name: 'caption',
    isText: true,
    usage: 'caption IMAGE...',
    summary: 'a short caption',
    takesLanguage: true,
    read: (images, values) => ({ prompt: taskPrompt({ task: 'caption', language: readLanguage(values) }), images }),
  },
  {
    name: 'describe',
    isText: true,
    usage: 'describe IMAGE...',
    summary: 'a longer description',
    takesLanguage: true,
    read: (images, values) => ({ prompt: taskPrompt({ task: 'describe', language: readLanguage(values) }), images }),
  },
  {
    name: 'ocr',
    isText: true,
    usage: 'ocr IMAGE...',
    summary: 'the text in the picture',
    details: [
      '--lang is accepted for symmetry and has no effect: the model reads text in the language it is written in.',
    ],
    takesLanguage: true,
    read(images, values, note) {
      if (values.lang !== undefined) {
        readLanguage(values);
        note('Note: ocr takes no language; --lang has no effect.');
      }
      return { prompt: taskPrompt({ task: 'ocr', language: 'en' }), images };
    },
  },
  {
    name: 'ask',
    isText: true,
    usage: 'ask QUESTION IMAGE...',
    summary: 'an answer to a question',
    takesLanguage: true,
    read(positionals, values) {
      const [question, images] = firstAndRest(positionals, 'question');
      if (!isUsableInput('ask', question)) throw new UsageError('The question is empty.');
      return { prompt: taskPrompt({ task: 'ask', language: readLanguage(values), input: question }), images };
    },
  },
  {
    name: 'detect',
    usage: 'detect OBJECT[,OBJECT...] IMAGE...',
    summary: 'boxes of objects',
    details: regionDetails,
    givesRegions: true,
    takesLanguage: false,
    read: positionals => objectPrompt('detect', positionals),
  },
  {
    name: 'segment',
    usage: 'segment OBJECT[,OBJECT...] IMAGE...',
    summary: 'masks of objects',
    details: regionDetails,
    givesRegions: true,
    takesLanguage: false,
    read: positionals => objectPrompt('segment', positionals),
  },
  {
    name: 'run',
    usage: 'run PROMPT IMAGE...',
    summary: 'send a prompt as it is; "" is the empty prompt of pretrained models',
    takesLanguage: false,
    read(positionals) {
      const [prompt, images] = firstAndRest(positionals, 'prompt');
      return { prompt, images };
    },
  },
];

/** In the order of help. */
export const promptVerbs: readonly PromptVerb[] = rows.map(row => ({
  ...row,
  options: [
    ...(row.takesLanguage ? ['lang' as const] : []),
    ...pictureOptionNames,
    ...fileOptionNames,
    ...runOptionNames,
  ],
  async run(context) {
    const { values, wordsBehind, terminal } = context;
    const { output, positionals } = readOutput(
      values,
      context.positionals,
      wordsBehind.output,
      words => row.read(words, values, () => undefined),
    );
    if (output !== undefined && row.isText === true) checkRegions(output, row.name);
    const { prompt, images } = row.read(positionals, values, line => terminal.note(line));
    const listWord = values['files-from'];
    if (images.length === 0 && listWord === undefined) throw new UsageError('No picture was named.');
    // Loaded here, so that help and mistakes are answered without it.
    const { runImages } = await import('./runImages');
    return runImages(context, {
      verb: row.name,
      prompt,
      givesRegions: row.givesRegions === true,
      images: { words: images, listWord, isRecursive: values.recursive === true, needsNames: output !== undefined },
      output,
    });
  },
}));

/** First argument and the rest. @throws UsageError where it is missing. */
function firstAndRest(positionals: readonly string[], what: string): readonly [string, readonly string[]] {
  const [first, ...rest] = positionals;
  if (first === undefined) throw new UsageError(`No ${what} was given.`);
  return [first, rest];
}

/** @throws UsageError where no object is named. */
function objectPrompt(task: 'detect' | 'segment', positionals: readonly string[]): PromptAndImages {
  const [input, images] = firstAndRest(positionals, 'object');
  if (!isUsableInput(task, input)) throw new UsageError('No object was named.');
  return { prompt: taskPrompt({ task, language: 'en', input }), images };
}
