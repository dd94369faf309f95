/** The results views of this window: one for each run that is looked at, one for each comparison. */
import { l10n } from 'vscode';
import type { Disposable, LogOutputChannel, QuickPickItem, Uri } from 'vscode';
import type { PromptPictures } from '../../../../server/src/contract/promptPictures';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { PairPlace, ResultSet } from '../../../../paligemma/src/results/resultSet';
import { stateFilters, type StateFilter } from '../../../../paligemma/src/results/shownRows';
import { isOneOf } from '../../../../paligemma/src/checks';
import { toFailure } from '../../errors/failure';
import { showFailure } from '../../errors/showFailure';
import type { Batches } from '../../batch/batches';
import type { ImageViews } from '../../viewer/imageViews';
import type { ResultSets } from '../resultSets';
import { answerSet, type AnswerParts } from './answerSet';
import { askComparand } from './compareWith';
import { exportResults, saveDataSet } from './exportResults';
import { openPicture } from './openPicture';
import { incomplete, setOfPrompt } from './promptPictures';
import { ResultsPage, type PageServices, type PickedPicture, type ShownSets } from './resultsPage';
import { setName } from './resultsWords';
import { setItem } from './setItem';
import { fillFromStore } from './storedAnswers';
import { window } from '../../common/window';

export interface ResultsParts extends AnswerParts {
  readonly extensionUri: Uri;
  readonly views: ImageViews;
  readonly log: LogOutputChannel;
  readonly sets: ResultSets;
  readonly batches: Pick<Batches, 'retry'>;
}

export class ResultsViews implements Disposable {
  private readonly pages = new Map<string, ResultsPage>();

  constructor(private readonly parts: ResultsParts) {}

  /** Shows a run, alone or beside another one; in the page that shows it already, if there is one. */
  show(sets: ShownSets, state: StateFilter = 'all'): void {
    const key = [sets.one, sets.other].map(set => set?.order.id).join(' ');
    const known = this.pages.get(key);
    if (known !== undefined) return known.reveal(state);
    const page = new ResultsPage(sets, this.services(), state);
    this.pages.set(key, page);
    page.onDidDispose(() => this.pages.delete(key));
  }

  /** Begins a run on many pictures that is looked at while it goes on. Never rejects: failures are shown. */
  async run(images: readonly Uri[], order: { readonly title: string; readonly prompt: string }): Promise<void> {
    const set = this.parts.sets.begin({ ...order, choices: {}, imageUris: images.map(image => image.toString()) });
    this.show({ one: set });
    await answerSet(set, [...Array(set.size).keys()], this.parts);
  }

  /**
   * The command: the run that is named, or one that the person picks.
   * @param args The id of a run, and what of it is to be shown.
   */
  async choose([id, state]: readonly unknown[]): Promise<void> {
    const { sets } = this.parts;
    const named = typeof id === 'string' ? sets.find(id) : undefined;
    const set = named ?? await this.pickSet();
    if (set === undefined) return;
    this.fill(set, set.inState('waiting'));
    this.show({ one: set }, isOneOf(stateFilters)(state) ? state : 'all');
  }

  dispose(): void {
    for (const page of [...this.pages.values()]) page.dispose();
  }

  /** The pictures of a prompt with what is known of them. */
  showPrompt(pictures: PromptPictures): void {
    const set = setOfPrompt(pictures, this.parts.sets);
    this.fill(set, [...set.inState('waiting'), ...incomplete(set)]);
    this.show({ one: set });
  }

  /** What the result store has of pictures: answers of before an interruption, and what was left out of an answer. */
  private fill(set: ResultSet, indices: readonly number[]): void {
    const { client, sets, log } = this.parts;
    const put = (index: number, result: RunResult) => {
      const imageUri = set.order.pictures[index]?.imageUri ?? '';
      sets.put(set, new Map([[index, { imageUri, result }]]));
    };
    fillFromStore(client, set, indices, put).catch((error: unknown) =>
      log.warn(`client.results looking for what is known: ${String(error)}`)
    );
  }

  private async pickSet(): Promise<ResultSet | undefined> {
    const { all } = this.parts.sets;
    if (all.length === 0) {
      void window.showInformationMessage(
        l10n.t('Nothing was run on several pictures in this window yet. Right-click a folder, or run a prompt file.'),
      );
    }
    if (all.length < 2) return all[0];
    const items = all.map((set): QuickPickItem & { readonly set: ResultSet } => ({ ...setItem(set), set }));
    const choice = await window.showQuickPick(items, {
      title: l10n.t('Show Results'),
      placeHolder: l10n.t('Runs on several pictures in this window, the newest first'),
      matchOnDescription: true,
    });
    return choice?.set;
  }

  private services(): PageServices {
    const { extensionUri, client, local, views, log } = this.parts;
    return {
      extensionUri,
      client,
      local,
      open: (picture, sequence) => this.guarded(() => openPicture(views, picture, sequence)),
      retry: pictures => this.guarded(() => this.answer(pictures)),
      compare: set => this.guarded(() => this.compare(set)),
      choose: () => this.guarded(() => this.choose([])),
      export: (sets, places) => this.write(sets, places, exportResults),
      saveDataSet: (sets, places) => this.write(sets, places, saveDataSet),
      logError: message => log.error(message),
    };
  }

  private async answer(pictures: readonly PickedPicture[]): Promise<void> {
    for (const set of new Set(pictures.map(picture => picture.set))) {
      const indices = pictures.filter(picture => picture.set === set).map(({ index }) => index);
      // What goes into files is answered there.
      if (!await this.parts.batches.retry(set.order.id, indices)) await answerSet(set, indices, this.parts);
    }
  }

  private async compare(one: ResultSet): Promise<void> {
    const { sets, client } = this.parts;
    const comparand = await askComparand(one, sets, client);
    if (comparand === undefined) return;
    if (comparand.kind === 'set') {
      this.fill(comparand.set, comparand.set.inState('waiting'));
      return this.show({ one, other: comparand.set });
    }
    const imageUris = one.order.pictures.map(({ imageUri }) => imageUri);
    const { prompt, choices } = comparand;
    const other = sets.begin({ title: l10n.t('Comparison'), prompt, choices, imageUris });
    this.show({ one, other });
    await answerSet(other, [...Array(other.size).keys()], this.parts);
  }

  private async write(
    { one, other }: ShownSets,
    places: readonly PairPlace[],
    how: typeof exportResults,
  ): Promise<string | undefined> {
    return this.guarded(async () => {
      const set = other === undefined ? one : await pickSide(one, other);
      if (set === undefined) return undefined;
      const pictures = places.flatMap(place => {
        const index = set === one ? place.index : place.other;
        return index === undefined ? [] : [{ set, index }];
      });
      return how(pictures, this.parts.client);
    });
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      showFailure(toFailure(error, l10n.t), this.parts.log, error);
      return undefined;
    }
  }
}

async function pickSide(one: ResultSet, other: ResultSet): Promise<ResultSet | undefined> {
  const items = [one, other].map((set): QuickPickItem & { readonly set: ResultSet } => ({
    label: setName(set, l10n.t),
    description: set.order.title,
    set,
  }));
  return (await window.showQuickPick(items, { title: l10n.t('Which of Both?') }))?.set;
}
