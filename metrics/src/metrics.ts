/** The metrics: a file and a line here each. */
import { captions } from './captions';
import { chartqaRelaxed } from './chartqa';
import { cocoMap } from './cocoMap';
import { moleculesWith, type Chemistry } from './molecules';
import { musicCerSerLer } from './music';
import { ptbTokenizer } from './ptb';
import { refcoco } from './refcoco';
import { scienceqaLetter } from './scienceqa';
import { tallyqa } from './tallyqa';
import { tedsMetric } from './teds';
import { textEditDistance } from './textDistance';
import { textSpotting } from './textSpotting';
import { vqaGeneric } from './vqaGeneric';
import { vqav2 } from './vqav2';
import type { Metric } from './common/metric';

/** In the order of help: answers, captions, places, structures, texts. @param loadChemistry RDKit, asked for by `molecules` only. */
export function metricsWith(loadChemistry: () => Promise<Chemistry>): readonly Metric[] {
  return [
    vqaGeneric,
    vqav2,
    chartqaRelaxed,
    tallyqa,
    scienceqaLetter,
    ptbTokenizer,
    captions,
    cocoMap,
    refcoco,
    textSpotting,
    tedsMetric,
    moleculesWith(loadChemistry),
    musicCerSerLer,
    textEditDistance,
  ];
}
