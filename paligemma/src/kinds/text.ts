/** An answer that is text and nothing else. */
import { plainText } from '../plainText';
import { parseSuffix } from '../suffix';
import { answerKind } from './kind';

export interface TextAnswer {
  /** Without control characters; with its regions' tokens where there are any. */
  readonly text: string;
}

export const text = answerKind<TextAnswer>({
  isPlain: true,
  title: t => t('Text'),
  about: t => t('the answer as text'),
  isLikely: () => true,
  read(suffix, { isTruncated }) {
    const { boxes, text: beside } = parseSuffix(suffix, isTruncated);
    return { data: { text: plainText(boxes.length > 0 ? suffix : beside || suffix) }, faults: [] };
  },
  text: data => data.text,
});
