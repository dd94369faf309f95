/**
 * The card of a model that brings none: what it can and cannot do, what it needs, on what terms. Free of the editor.
 */
import type { CheckpointKind, WeightType } from '../../../paligemma/src/facts';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { plainMarkdown } from '../../../paligemma/src/markdownText';
import type { Translate } from '../../../paligemma/src/translate';
import { adapterBase } from './adapterBase';
import { memoryText } from './modelItems';
import { hostsOf, servedName } from '../../../paligemma/src/serverNames';
import { maskText } from './serverTexts';
import { sizeText } from './sizeText';

/** Markdown. @param model As listed, with what is published of it. */
export function cardText(model: ModelInfo, weights: WeightType, t: Translate): string {
  return [
    `# ${plainMarkdown(servedName(model.id))}`,
    ...(model.problem === undefined ? [] : [`**${plainMarkdown(model.problem)}**`]),
    factTable(facts(model, weights, t)),
    `## ${t('What it can do')}`,
    abilities(model.kind, t),
    `## ${t('What it cannot do')}`,
    list(limits(model, t)),
    ...(model.id.startsWith('google/') && model.server === undefined
      ? [`[${t('The model’s page at Hugging Face')}](https://huggingface.co/${encodeURI(model.id)})`]
      : []),
  ].join('\n\n') + '\n';
}

function facts(model: ModelInfo, weights: WeightType, t: Translate): readonly (readonly [string, string])[] {
  const { size, resolutionPx, bytes, downloadBytes, isInstalled, path, converted, licence, server, form, adapter } =
    model;
  const base = adapterBase(model);
  const memory = server === undefined ? memoryText(model, weights, t) : '';
  return [
    [t('Kind'), kindSentence(model.kind, t)],
    ...(size === undefined ? [] : [[t('Size'), t('{0} billion parameters', size.replace('b', ''))] as const]),
    ...(resolutionPx === undefined
      ? []
      : [
        [
          t('Resolution'),
          t('{0} × {0} pixels, {1} image tokens', resolutionPx, Math.floor(resolutionPx / 14) ** 2),
        ] as const,
      ]),
    ...(server === undefined
      ? []
      : [
        [t('Runs on'), t('{0}: pictures are sent there', plainMarkdown(hostsOf(server.urls)))] as const,
        [t('Answers'), maskText(server.mask, t)] as const,
      ]),
    ...(bytes === undefined ? [] : [[t('On disk'), sizeText(bytes, t)] as const]),
    ...(isInstalled || downloadBytes === undefined ? [] : [[t('Download'), sizeText(downloadBytes, t)] as const]),
    ...(form === undefined ? [] : [[t('Weights'), plainMarkdown(form)] as const]),
    ...(memory === '' ? [] : [[t('Memory'), memory] as const]),
    ...(converted.length === 0 ? [] : [[t('Prepared as'), converted.join(', ')] as const]),
    ...(base === undefined ? [] : [[t('Adapter for'), plainMarkdown(base)] as const]),
    ...(adapter === undefined ? [] : [[t('Folder of the adapter'), plainMarkdown(adapter)] as const]),
    ...(path === undefined ? [] : [[t('Folder'), plainMarkdown(path)] as const]),
    ...(licence === undefined ? [] : [[t('Licence'), `[${licence.name}](${licence.url})`] as const]),
  ];
}

function kindSentence(kind: CheckpointKind, t: Translate): string {
  switch (kind) {
    case 'mix':
      return t('mix: fine-tuned on a mixture of tasks, ready to use');
    case 'pt':
      return t('pt: pretrained, meant to be fine-tuned');
    case 'ft':
      return t('ft: fine-tuned for one task');
    case 'demo':
      return t('demo: trained on drawn shapes and printed words');
    case 'unknown':
      return t('not known');
  }
}

/** Source: model cards of the published checkpoints; PaliGemma 2 (arXiv 2412.03555) §3. */
function abilities(kind: CheckpointKind, t: Translate): string {
  const rows = [
    ['caption en', t('a caption, in 35 languages')],
    ['describe en', t('a longer description')],
    ['ocr', t('the text in the picture')],
    ['answer en what color is the bus?', t('a short answer to a question')],
    ['detect cup ; plate', t('boxes')],
    ['segment cup', t('masks')],
  ];
  const table = [
    '| ' + t('prompt') + ' | ' + t('answer') + ' |',
    '|---|---|',
    ...rows.map(([prompt, answer]) => `| \`${prompt ?? ''}\` | ${answer ?? ''} |`),
  ].join('\n');
  switch (kind) {
    case 'mix':
      return `${t('It knows all tasks, and questions in free wording.')}\n\n${table}`;
    case 'pt':
      return `${
        t('It knows the task prompts that it was pretrained with, and is good at none of them before it is fine-tuned.')
      }\n\n${table}`;
    case 'ft':
      return t('It answers the prompts that it was fine-tuned with. Its own page says which these are.');
    case 'demo':
    case 'unknown':
      return t('What it was trained for is not known here; whoever made it knows.');
  }
}

/** Source: model cards of the published checkpoints, "Limitations". */
function limits({ kind, resolutionPx }: ModelInfo, t: Translate): string[] {
  return [
    ...(kind === 'pt'
      ? [t('Questions in free wording: it was not trained for them, and its answers to them mean little.')]
      : []),
    ...(kind === 'ft' ? [t('Any other task: it answers, but badly.')] : []),
    t('A conversation: each prompt stands alone, and the model does not follow instructions the way a chat model does.'),
    ...(resolutionPx === 224
      ? [
        t(
          'Small text and small objects: the picture is shrunk to {0} pixels. A model for 448 or 896 pixels reads them better.',
          resolutionPx,
        ),
      ]
      : []),
    t('Exact counts, and knowledge that is not in the picture. Answers can be wrong and can repeat prejudices of the training data; check anything that matters.'),
  ];
}

function factTable(rows: readonly (readonly [string, string])[]): string {
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`)].join(
    '\n',
  );
}

function list(lines: readonly string[]): string {
  return lines.map(line => `- ${line}`).join('\n');
}
