import * as l10n from '@vscode/l10n';
import { ptbTokens } from './captions/ptbTokenizer';
import type { Metric } from './common/metric';

export const ptbTokenizer: Metric = {
  name: 'ptb_tokenizer',
  about: () => l10n.t('the tokens of a caption in which published values of CIDEr, BLEU and ROUGE-L are counted'),
  fields: 'text',
  score: fields => ({ expected: ptbTokens(fields.text('text')) }),
};
