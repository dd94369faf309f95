/** The verbs, in the order of help. */
import { ask } from './ask';
import { bench } from './bench/bench';
import { caption } from './caption';
import { convert } from './convert';
import { describe } from './describe';
import { detect } from './detect';
import { file } from './file';
import { lsp } from './lsp';
import { models } from './models/models';
import { ocr } from './ocr';
import { report } from './report';
import { run } from './run';
import { segment } from './segment';
import type { Verb } from './verb';

export const verbs: readonly Verb[] = [
  caption,
  describe,
  ocr,
  ask,
  detect,
  segment,
  run,
  file,
  convert,
  models,
  bench,
  report,
  lsp,
];
