/** Which metric judges a line, and with which others it is summed up. Pure; never throws. */
import { kindOf, type KindName } from '../../../paligemma/src/kinds/kinds';
import { firstWord } from '../../../paligemma/src/firstWord';
import { hasWord } from '../../../paligemma/src/kinds/prompts';
import { oneSpaced } from '../../../paligemma/src/plainText';
import { parseSuffix } from '../../../paligemma/src/suffix';
import { taskOfWord } from '../../../paligemma/src/tasks';
import { VQAV2_ANSWERS } from '../../../metrics/src/vqav2';
import type { MetricName } from './metricName';
import type { Question } from './question';

/** By what the expected answer is, whatever was asked. */
const metricOfKind: Partial<Readonly<Record<KindName, MetricName>>> = {
  table: 'teds',
  masks: 'refcoco',
  spotting: 'text_spotting',
  boxes: 'coco_map',
  report: 'captions',
  latex: 'edit_distance',
  music: 'music_cer_ser_ler',
  molecule: 'molecules',
};
/** By the task word, where the expected answer says nothing: an empty one is right where there is nothing. */
const metricOfWord: Readonly<Record<string, MetricName>> = {
  caption: 'captions',
  cap: 'captions',
  describe: 'captions',
  detect: 'coco_map',
  segment: 'refcoco',
  ocr: 'edit_distance',
};
/** Numbers that are read off a drawing are right up to 5 % off; counts and years of other pictures are not. */
const chartWords = ['chart', 'charts', 'graph', 'graphs', 'plot', 'plots', 'axis', 'axes', 'bar', 'bars'];

/** The metric that papers use for such prompts and answers; the same text where there is none. */
export function chosenMetric({ prefix, references }: Question): MetricName {
  const [suffix = ''] = references;
  const word = firstWord(prefix);
  const { boxes } = parseSuffix(suffix);
  // An answer with places is never compared as a text, whatever it looks like otherwise: their order means nothing.
  const byWord = metricOfWord[word];
  if (boxes.length > 0 && (byWord === 'coco_map' || byWord === 'refcoco')) {
    return boxes.every(({ codes }) => codes !== undefined) ? 'refcoco' : 'coco_map';
  }
  const kind = kindOf({ prompt: prefix, model: '', suffix });
  const byKind = metricOfKind[kind];
  if (byKind !== undefined) return byKind;
  // Words where places were asked for are no empty answer.
  if (byWord === 'coco_map' || byWord === 'refcoco') return suffix.trim() === '' ? byWord : 'exact';
  if (byWord !== undefined) return byWord;
  if (!isQuestion(prefix)) return isJson(suffix) ? 'edit_distance' : 'exact';
  if (hasWord(prefix, chartWords)) return 'chartqa_relaxed';
  return references.length === VQAV2_ANSWERS ? 'vqav2' : 'vqa_generic';
}

function isQuestion(prefix: string): boolean {
  return firstWord(prefix) === 'answer' || prefix.trimEnd().endsWith('?');
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const LONGEST_TASK = 40;

/**
 * The name under which a line is summed up with others: the task word, of captions with its language; `question` for a
 * bare one; else the prompt itself, as tuned models have one of their own. Undefined for a long one.
 */
export function taskOf(prefix: string): string | undefined {
  const words = oneSpaced(prefix).split(' ');
  const task = taskOfWord(firstWord(prefix));
  if (task !== undefined) {
    const [word = '', language = ''] = words;
    return task.parameters[0] === 'language' && metricOfWord[task.word] === 'captions'
        && /^[a-z-]{2,8}$/i.test(language)
      ? `${word.toLowerCase()} ${language}`
      : task.word;
  }
  if (isQuestion(prefix)) return 'question';
  const prompt = words.join(' ');
  return prompt.length <= LONGEST_TASK ? prompt : undefined;
}
