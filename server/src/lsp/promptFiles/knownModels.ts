/** The models of the catalog as they were last found, for those who cannot wait for a disk. */
import type { ModelInfo } from '../../contract/protocol';
import { modelFolder } from '../../runs/promptModels';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { statOf } from '../../workspace/filePaths';
import type { ModelCatalog } from '../../models/catalog/catalog';

const MOST_FOLDERS = 1000;

export class KnownModels {
  list: readonly ModelInfo[] = [];
  /** The model that runs where nothing else is said; undefined where there is none. */
  defaultModel: string | undefined;
  /** Folders named by `@model`, by path: whether they hold something. */
  private readonly folders = new Map<string, boolean | undefined>();

  /** `wanted`: the setting `paligemma.model`. `onDidChange` is called only where something is another than before. */
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly wanted: () => string,
    private readonly onDidChange: () => void,
  ) {}

  /** Never rejects. */
  async refresh(): Promise<void> {
    const [list, chosen] = await Promise.all([
      this.catalog.list().catch(() => []),
      this.catalog.choose(this.wanted(), 'setting').catch(() => undefined),
    ]);
    const isSame = JSON.stringify([list, chosen?.id]) === JSON.stringify([this.list, this.defaultModel]);
    if (!isSame) {
      this.list = list;
      this.defaultModel = chosen?.id;
    }
    const folders = await Promise.all([...this.folders.keys()].map(place => this.look(place)));
    if (!isSame || folders.includes(true)) this.onDidChange();
  }

  /** Whether a folder named by `@model` is there; undefined: not looked up yet, or no path of this machine. */
  folderExists(documentUri: string, name: string): boolean | undefined {
    const place = modelFolder(documentUri, name);
    if (place === undefined) return undefined;
    if (!this.folders.has(place)) {
      if (this.folders.size >= MOST_FOLDERS) this.folders.clear();
      this.folders.set(place, undefined);
      void this.look(place).then(isNew => {
        if (isNew) this.onDidChange();
      });
    }
    return this.folders.get(place);
  }

  /** @returns whether the answer is another than before. */
  private async look(place: string): Promise<boolean> {
    const before = this.folders.get(place);
    const isThere = !(await leadsElsewhere(place)) && (await statOf(place))?.isDirectory() === true;
    this.folders.set(place, isThere);
    return before !== isThere;
  }
}
