/** A radiology report: paragraphs under headings such as `FINDINGS:` and `IMPRESSION:`. */
import { escapeMarkdown } from '../markdownText';
import { oneSpaced, plainLine, plainText } from '../plainText';
import { answerKind } from './kind';

export interface ReportSection {
  /** As the model wrote it, without the colon; empty for what stands before the first heading. */
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

export interface ReportAnswer {
  readonly sections: readonly ReportSection[];
}

/**
 * Headings of chest X-ray reports. Source: the section names of MIMIC-CXR 2.1.0 (`create_section_files.py`), of which
 * PaliGemma 2 was trained on findings and impression.
 */
const names = [
  'findings',
  'impression',
  'indication',
  'history',
  'comparison',
  'technique',
  'examination',
  'conclusion',
];
const heading = new RegExp(`(?<![\\p{L}\\p{N}])(${names.join('|')})\\s?:`, 'giu');
const MOST_SECTIONS = 50;

export const report = answerKind<ReportAnswer>({
  title: t => t('Report'),
  about: t => t('paragraphs under headings, as in a radiology report'),
  isLikely: ({ suffix }) => /^\s*(?:FINDINGS|IMPRESSION)\s?:/i.test(suffix),
  read(suffix, { t, isTruncated }) {
    const marks = [...suffix.matchAll(heading)].slice(0, MOST_SECTIONS);
    const first = marks[0]?.index ?? suffix.length;
    const before = section('', suffix.slice(0, first));
    const headed = marks.map((match, index) => {
      const [written, name = ''] = match;
      const start = match.index;
      const end = start + written.length;
      return { ...section(name, suffix.slice(end, marks[index + 1]?.index ?? suffix.length)), start, end };
    });
    const faults = [];
    const place = { start: 0, end: suffix.length };
    if (marks.length === 0 && suffix.trim() !== '') {
      faults.push({ message: t('There is no heading such as “FINDINGS:” in this answer.'), ...place });
    }
    for (const [index, { heading: name, paragraphs, start, end }] of headed.entries()) {
      if (paragraphs.length > 0 || (isTruncated && index === headed.length - 1)) continue;
      faults.push({ message: t('Nothing stands under “{0}”.', name), start, end });
    }
    const sections = headed.map(({ heading: name, paragraphs }) => ({ heading: name, paragraphs }));
    return { data: { sections: before.paragraphs.length > 0 ? [before, ...sections] : sections }, faults };
  },
  text: reportText,
  markdown: reportMarkdown,
  json: data => ({ ...data }),
  exports: {
    markdown: { title: () => 'Markdown', ending: '.md', write: data => `${reportMarkdown(data)}\n` },
    text: { title: t => t('Plain Text'), ending: '.report.txt', write: data => `${reportText(data)}\n` },
  },
});

function section(name: string, body: string): ReportSection {
  const paragraphs = plainText(body).split(/\n\s*\n/).map(oneSpaced).filter(paragraph => paragraph !== '');
  return { heading: plainLine(name), paragraphs };
}

function reportText({ sections }: ReportAnswer): string {
  return sections.map(({ heading: name, paragraphs }) =>
    [...(name === '' ? [] : [`${name}:`]), ...paragraphs].join('\n')
  ).join('\n\n');
}

function reportMarkdown({ sections }: ReportAnswer): string {
  return sections.map(({ heading: name, paragraphs }) =>
    [...(name === '' ? [] : [`## ${escapeMarkdown(name)}`]), ...paragraphs.map(escapeMarkdown)].join('\n\n')
  ).join('\n\n');
}
