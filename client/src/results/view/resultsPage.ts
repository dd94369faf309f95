/** One results view: its webview, and the messages to and from it. */
import { ViewColumn, l10n } from 'vscode';
import type { Disposable, WebviewPanel, Uri } from 'vscode';
import { pairAt, pairPlaces, type PairPlace, type ResultSet } from '../../../../paligemma/src/results/resultSet';
import type { StateFilter } from '../../../../paligemma/src/results/shownRows';
import { DisposableStore } from '../../common/disposableStore';
import type { FromResults, ToResults } from '../../contract/results';
import type { OpenedPicture } from './openPicture';
import { PictureFeed, type FeedParts } from './pictureFeed';
import { readFromResults } from './resultsMessages';
import { modelOf, resultsWords, sideNames } from './resultsWords';
import { window } from '../../common/window';
import { pageAssets, pageHtml } from '../../common/pageHtml';

/** Of one run, or of two that are compared. */
export interface ShownSets {
  readonly one: ResultSet;
  readonly other?: ResultSet;
}

/** A picture of one of the runs that are shown. */
export type PickedPicture = OpenedPicture;

export interface PageServices extends Pick<FeedParts, 'client' | 'local'> {
  readonly extensionUri: Uri;
  open(picture: PickedPicture, sequence: readonly PickedPicture[]): Promise<void>;
  retry(pictures: readonly PickedPicture[]): Promise<void>;
  compare(set: ResultSet): Promise<void>;
  choose(): Promise<void>;
  /** `places`: of the pictures that are shown, in their order. @returns What was done; undefined where nothing was. */
  export(sets: ShownSets, places: readonly PairPlace[]): Promise<string | undefined>;
  saveDataSet(sets: ShownSets, places: readonly PairPlace[]): Promise<string | undefined>;
  logError(message: string): void;
}

/** Answers that come within this time are told together, milliseconds. */
const TOGETHER_MS = 100;

export class ResultsPage implements Disposable {
  private readonly owned = new DisposableStore();
  readonly panel: WebviewPanel;
  readonly onDidDispose: (listener: () => void) => Disposable;
  private readonly places: readonly PairPlace[];
  private readonly feed: PictureFeed;
  private readonly changed = new Set<number>();
  private timer: NodeJS.Timeout | undefined;
  /** A page that is hidden is thrown away by the editor, and says `ready` when it is built again. */
  private isReady = false;
  /** How often something of it was asked to be shown. */
  private asked = 0;

  constructor(
    private readonly sets: ShownSets,
    private readonly services: PageServices,
    private state: StateFilter,
  ) {
    const { one, other } = sets;
    this.places = pairPlaces(one, other);
    this.panel = window.createWebviewPanel(
      'paligemma.results',
      other === undefined ? l10n.t('Results: {0}', one.order.prompt || one.order.title) : l10n.t('Comparison'),
      ViewColumn.Active,
      {
        enableScripts: true,
        localResourceRoots: [pageAssets(services.extensionUri)],
      },
    );
    this.onDidDispose = listener => this.panel.onDidDispose(listener);
    this.feed = new PictureFeed({
      ...services,
      one,
      other,
      places: this.places,
      post: picture => this.post({ type: 'picture', picture }),
    });
    this.owned.add(this.panel.webview.onDidReceiveMessage((sent: unknown) => {
      const message = readFromResults(sent);
      if (message === undefined) return;
      this.receive(message).catch((error: unknown) =>
        services.logError(`client.results ${message.type}: ${String(error)}`)
      );
    }));
    this.owned.add(one.onDidChange(indices => this.changeSoon(indices, ofSelf)));
    if (other !== undefined) {
      this.owned.add(other.onDidChange(indices => this.changeSoon(indices, place => place.other)));
    }
    this.owned.add({ dispose: () => clearTimeout(this.timer) });
    this.owned.add(this.panel.onDidDispose(() => this.dispose()));
    this.panel.webview.html = pageHtml(this.panel.webview, services.extensionUri, 'results', 'data');
  }

  /** Brings the page to the front. @param state What is to be shown of it. */
  reveal(state: StateFilter): void {
    this.panel.reveal();
    if (state === 'all') return;
    this.state = state;
    this.asked++;
    this.postAll();
  }

  dispose(): void {
    this.isReady = false;
    this.owned.dispose();
    this.panel.dispose();
  }

  private async receive(message: FromResults): Promise<void> {
    const { sets, services } = this;
    const placesOf = (indices: readonly number[]) => indices.flatMap(index => this.places[index] ?? []);
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        return this.postAll();
      case 'wanted':
        return this.feed.want(message.indices);
      case 'open': {
        const picked = message.shown.flatMap(index => this.picked(index, message.side === 'other') ?? []);
        const picture = this.picked(message.index, message.side === 'other');
        return picture === undefined ? undefined : services.open(picture, picked);
      }
      case 'retry':
        return services.retry(this.unanswered(message.indices));
      case 'compare':
        return services.compare(sets.one);
      case 'choose':
        return services.choose();
      case 'export':
        return this.tell(await services.export(sets, placesOf(message.shown)));
      case 'saveDataSet':
        return this.tell(await services.saveDataSet(sets, placesOf(message.shown)));
      default:
        message satisfies never;
    }
  }

  /** The picture in the run itself; in the other one where that is meant, or the only one that has it. */
  private picked(index: number, isOther: boolean): PickedPicture | undefined {
    const { one, other } = this.sets;
    const place = this.places[index];
    const there = other !== undefined && place?.other !== undefined ? { set: other, index: place.other } : undefined;
    const here = place?.index === undefined ? undefined : { set: one, index: place.index };
    return isOther ? there ?? here : here ?? there;
  }

  private unanswered(indices: readonly number[]): PickedPicture[] {
    const found = new Map<string, PickedPicture>();
    for (const picture of indices.flatMap(index => [this.picked(index, false), this.picked(index, true)])) {
      if (picture === undefined) continue;
      const { set, index } = picture;
      const isOpen = ['failed', 'waiting'].includes(set.row(index)?.state ?? '');
      if (isOpen) found.set(`${set.order.id} ${index}`, picture);
    }
    return [...found.values()];
  }

  private changeSoon(indices: readonly number[], indexOf: (place: PairPlace) => number | undefined): void {
    const changed = new Set(indices);
    if (indexOf === ofSelf && this.sets.other === undefined) { for (const index of indices) this.changed.add(index); }
    else {
      this.places.forEach((place, at) => {
        const index = indexOf(place);
        if (index !== undefined && changed.has(index)) this.changed.add(at);
      });
    }
    this.timer ??= setTimeout(() => this.flush(), TOGETHER_MS);
  }

  private flush(): void {
    this.timer = undefined;
    const { one, other } = this.sets;
    const pairs = [...this.changed].flatMap(at => {
      const place = this.places[at];
      return place === undefined ? [] : [[at, pairAt(one, other, place)] as const];
    });
    this.changed.clear();
    this.post({ type: 'update', pairs, facts: this.facts(), isUnderWay: this.isUnderWay });
  }

  private postAll(): void {
    const { one, other } = this.sets;
    const sides: readonly [string, string] | undefined = other === undefined
      ? undefined
      : sideNames(one, other, l10n.t);
    this.post({
      type: 'show',
      id: `${one.order.id} ${other?.order.id ?? ''}`,
      asked: this.asked,
      heading: sides === undefined
        ? one.order.prompt || l10n.t('(empty prompt)')
        : l10n.t('{0} compared with {1}', ...sides),
      facts: this.facts(),
      isUnderWay: this.isUnderWay,
      pairs: this.places.map(place => pairAt(one, other, place)),
      ...(sides === undefined ? {} : { sides }),
      state: this.state,
      words: resultsWords(l10n.t),
    });
  }

  private get isUnderWay(): boolean {
    return this.sets.one.isUnderWay || this.sets.other?.isUnderWay === true;
  }

  private facts(): string {
    const { one, other } = this.sets;
    return other === undefined ? [one.order.title, modelOf(one)].filter(part => part !== undefined).join(' · ') : '';
  }

  private tell(text: string | undefined): void {
    if (text !== undefined) this.post({ type: 'notice', text });
  }

  private post(message: ToResults): void {
    if (this.isReady) void this.panel.webview.postMessage(message);
  }
}

function ofSelf(place: PairPlace): number | undefined {
  return place.index;
}
