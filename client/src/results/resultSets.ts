/** The runs of this session on several pictures, the newest first: as many as fit into the memory meant for them. */
import { randomUUID } from 'node:crypto';
import { Uri, l10n } from 'vscode';
import { given } from '../../../paligemma/src/given';
import type { KindName } from '../../../paligemma/src/kinds/kinds';
import { ResultSet } from '../../../paligemma/src/results/resultSet';
import type { RunChoices } from '../../../paligemma/src/runChoices';
import { imagePlace } from '../images/documentPages';
import type { RunOutcome } from '../../../paligemma/src/runResult';

const MOST_SETS = 20;
const MOST_PICTURES = 40_000;
/** Characters of the masks of all sets: what is beyond is in the server's result store. */
const MOST_MASKS = 64_000_000;

export interface SetWish {
  /** Default: one of its own. */
  readonly id?: string;
  readonly title: string;
  readonly prompt: string;
  readonly choices: RunChoices;
  /** What the answers are; absent: what they look like. */
  readonly show?: KindName;
  readonly imageUris: readonly string[];
}

export class ResultSets {
  private readonly sets: ResultSet[] = [];

  /** The newest first. */
  get all(): readonly ResultSet[] {
    return this.sets;
  }

  find(id: string): ResultSet | undefined {
    return this.sets.find(({ order }) => order.id === id);
  }

  begin({ id = randomUUID(), title, prompt, choices, show, imageUris }: SetWish): ResultSet {
    const pictures = imageUris.map(imageUri => ({ imageUri, name: imagePlace(Uri.parse(imageUri)) }));
    const set = new ResultSet({ id, title, prompt, choices, ...given({ show }), pictures }, l10n.t);
    this.sets.unshift(set);
    while (this.sets.length > 1 && (this.sets.length > MOST_SETS || this.pictures > MOST_PICTURES)) this.sets.pop();
    return set;
  }

  /** Keeps outcomes; masks of older runs go first. */
  put(set: ResultSet, outcomes: ReadonlyMap<number, RunOutcome>): void {
    set.put(outcomes);
    for (const older of [...this.sets].reverse()) {
      const held = this.sets.reduce((sum, { maskSize }) => sum + maskSize, 0);
      if (held <= MOST_MASKS) return;
      older.giveUpMasks(Math.max(0, older.maskSize - (held - MOST_MASKS)));
    }
  }

  private get pictures(): number {
    return this.sets.reduce((sum, { size }) => sum + size, 0);
  }
}
