/** What many lines come to. Memory grows with the boxes of places, and with nothing else. */
import { BleuCounts } from '../../../metrics/src/captions/bleu';
import type { DetectionImage } from '../../../metrics/src/cocoMap';
import { MusicEdits } from '../../../metrics/src/music';
import { referredSummary, type ReferredScores } from '../../../metrics/src/refcoco';
import { SpottedWords } from '../../../metrics/src/textSpotting';
import type { Evidence, LineScore, Scores } from './lineScore';
import { boxFigures, spottingFigures } from './placeJudges';
import { musicFigures } from './structureJudges';

export class Totals {
  lines = 0;
  private readonly sums = new Map<string, { sum: number; count: number }>();
  private bleu: BleuCounts | undefined;
  private words: SpottedWords | undefined;
  private music: MusicEdits | undefined;
  private readonly images: DetectionImage[] = [];
  private readonly referred: ReferredScores[] = [];
  private readonly masked: ReferredScores[] = [];

  /** @param isRepeated One line more for the same question, which changes no figure. */
  add({ scores, evidence }: LineScore, isRepeated = false): void {
    this.lines++;
    if (isRepeated) return;
    for (const [name, value] of Object.entries(scores)) {
      const total = this.sums.get(name) ?? { sum: 0, count: 0 };
      this.sums.set(name, { sum: total.sum + value, count: total.count + 1 });
    }
    if (evidence !== undefined) this.keep(evidence);
  }

  /** Figures of the set by name: means of the lines that have a score, and what is counted over all of them at once. */
  metrics(): Scores {
    const means = Object.fromEntries([...this.sums].map(([name, { sum, count }]) => [name, sum / count]));
    return {
      ...means,
      ...this.bleuFigures(),
      ...(this.images.length === 0 ? {} : boxFigures(this.images)),
      ...(this.words === undefined ? {} : spottingFigures(this.words)),
      ...(this.music === undefined ? {} : musicFigures(this.music)),
      ...this.referredFigures(),
    };
  }

  private keep(evidence: Evidence): void {
    switch (evidence.kind) {
      case 'caption':
        return (this.bleu ??= new BleuCounts()).add(evidence.caption);
      case 'boxes':
        this.images.push(evidence.image);
        return;
      case 'words':
        return (this.words ??= new SpottedWords()).add(evidence.image);
      case 'music':
        return (this.music ??= new MusicEdits()).add(evidence.edits);
      case 'referred':
        this.referred.push(evidence.scores);
        if (evidence.hasMask) this.masked.push(evidence.scores);
    }
  }

  private bleuFigures(): Scores {
    return Object.fromEntries((this.bleu?.scores() ?? []).map((value, index) => [`bleu_${index + 1}`, value]));
  }

  private referredFigures(): Scores {
    if (this.referred.length === 0) return {};
    const { acc50, acc75 } = referredSummary(this.referred);
    if (this.masked.length === 0) return { box_acc50: acc50, box_acc75: acc75 };
    const { miou, overall_iou, mask_acc50 } = referredSummary(this.masked);
    return { miou, overall_iou, mask_acc50, box_acc50: acc50, box_acc75: acc75 };
  }
}
