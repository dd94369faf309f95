/** The verbs, in the order of help. */
import { bench } from './bench/bench';
import { convert } from './convert';
import { data } from './data/data';
import { file } from './pictures/file';
import { lsp } from './lsp';
import { evaluate } from './evaluate/evaluate';
import { metrics } from './metrics';
import { models } from './models/models';
import { promptVerbs } from './pictures/promptVerbs';
import { report } from './report';
import { tune } from './tune/tune';
import type { Verb } from './terminal/verb';

export const verbs: readonly Verb[] = [
  ...promptVerbs,
  file,
  convert,
  models,
  data,
  bench,
  evaluate,
  metrics,
  tune,
  report,
  lsp,
];
