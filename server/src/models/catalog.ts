/** The models on this machine, and which of them a name means. Loads nothing native. */
import { readdir, realpath, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { HostError } from '../../../model-host/src/contract/errors';
import type { WeightType } from '../../../model-host/src/contract/paligemma';
import type { CheckpointKind, ModelInfo } from '../contract/protocol';
import { readConversion, readModelFolder, type Conversion, type ModelFolder } from './modelFolder';

/** Short for the model that comes with this package. */
export const DEMO_ALIAS = 'demo';
const DEMO_NAME = 'paligemma2-demo-224';

export interface CatalogOptions {
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly cachePath: string;
  /** The setting `paligemma.modelFolders`, read anew each time. */
  readonly modelFolders: () => readonly string[];
}

export interface ChosenModel {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly kind: CheckpointKind;
  readonly isDemo: boolean;
  /** Set for a folder that is converted already: it fixes weights and attention. */
  readonly conversion?: Conversion;
  /** What the person should know about this choice: the demo model was taken because there is no other. */
  readonly note?: string;
}

interface CatalogModel extends ModelFolder {
  readonly id: string;
  readonly isDemo: boolean;
}

export class ModelCatalog {
  constructor(private readonly options: CatalogOptions) {}

  /** Every model that was found, the ones to be preferred first. */
  async list(): Promise<readonly ModelInfo[]> {
    const [models, converted] = await Promise.all([this.find(), this.findConverted()]);
    return Promise.all(models.map(model => describe(model, converted)));
  }

  /**
   * @param name Id, alias `demo`, or folder; empty or absent: the best model that is installed.
   * @throws HostError `modelMissing`, `modelUnsupported`.
   */
  async choose(name: string | undefined): Promise<ChosenModel> {
    const models = await this.find();
    if (name === undefined || name.trim() === '') return this.chooseBest(models);
    const wanted = name.trim();
    if (/^https?:\/\//i.test(wanted)) throw new HostError('modelUnsupported', `${wanted} is a server, and this version runs models on this machine only. Give the name or the folder of a model.`);
    const known = models.find(model => sameName(model.id, wanted) || (model.isDemo && sameName(DEMO_ALIAS, wanted)));
    if (known !== undefined) return chosen(known);
    const folder = await chooseFolder(wanted, models);
    if (folder !== undefined) return folder;
    const published = models.find(model => sameName(lastPart(model.id), lastPart(wanted)));
    if (published !== undefined) return chosen(published);
    throw new HostError('modelMissing', `There is no model and no folder called ${wanted}. ${this.whatThereIs(models)}`);
  }

  private chooseBest(models: readonly CatalogModel[]): ChosenModel {
    const usable = models.filter(model => model.problem === undefined);
    const [best] = usable;
    if (best === undefined) throw new HostError('modelMissing', `No model is installed. ${this.howToAdd()}`);
    return best.isDemo ? { ...chosen(best), note: this.demoNote() } : chosen(best);
  }

  private whatThereIs(models: readonly CatalogModel[]): string {
    return models.length === 0 ? `No model is installed. ${this.howToAdd()}` : `Installed: ${models.map(model => model.id).join(', ')}. ${this.howToAdd()}`;
  }

  private demoNote(): string {
    return `No PaliGemma 2 model is installed, so the demo model ${DEMO_NAME} answers: it knows drawn shapes and printed words only, not photographs. ${this.howToAdd()}`;
  }

  private howToAdd(): string {
    return `To use a real one, download a PaliGemma 2 checkpoint (for example google/paligemma2-3b-mix-448 from Hugging Face) and put its folder into ${path.join(this.options.cachePath, 'models')}, or name the folder itself as the model.`;
  }

  private async find(): Promise<readonly CatalogModel[]> {
    const { packageRoot, cachePath, modelFolders } = this.options;
    const demoPath = path.join(packageRoot, 'model-host', 'demo-model', DEMO_NAME);
    const groups = await Promise.all([
      modelsBelow(path.join(cachePath, 'models')),
      ...modelFolders().map(folder => modelsIn(expandHome(folder))),
      readModelFolder(demoPath).then(model => (model === undefined ? [] : [{ ...model, kind: 'demo' as const }])),
    ]);
    const seen = new Set<string>();
    const ids = new Set<string>();
    const models: CatalogModel[] = [];
    for (const model of groups.flat()) {
      const place = await realpath(model.path).catch(() => model.path);
      if (seen.has(place)) continue;
      seen.add(place);
      const id = ids.has(model.name.toLowerCase()) ? model.path : model.name;
      ids.add(id.toLowerCase());
      models.push({ ...model, id, isDemo: model.path === demoPath });
    }
    return models.sort(byPreference);
  }

  private async findConverted(): Promise<readonly Conversion[]> {
    const folder = path.join(this.options.cachePath, 'converted');
    const names = await readdir(folder).catch(() => []);
    // A conversion that is under way, or was cut off, is none.
    const whole = names.filter(name => !name.includes('.partial-'));
    const conversions = await Promise.all(whole.map(name => readConversion(path.join(folder, name))));
    return conversions.filter(conversion => conversion !== undefined);
  }
}

/** A folder that is a model itself, or holds some. */
async function modelsIn(folder: string): Promise<readonly ModelFolder[]> {
  const own = await readModelFolder(folder);
  return own === undefined ? modelsBelow(folder) : [own];
}

async function modelsBelow(folder: string): Promise<readonly ModelFolder[]> {
  const names = await readdir(folder).catch(() => []);
  const models = await Promise.all(names.sort().map(async name => (await readModelFolder(path.join(folder, name))) ?? readHubFolder(folder, name)));
  return models.filter(model => model !== undefined);
}

/**
 * A model in the layout of the Hugging Face cache, `models--<owner>--<name>/snapshots/<commit>/`; the commit is the one
 * that `refs/main` names last. Source: huggingface_hub, "Manage the cache".
 */
async function readHubFolder(folder: string, name: string): Promise<ModelFolder | undefined> {
  const match = /^models--(?<owner>.+)--(?<name>.*paligemma.*)$/i.exec(name);
  if (match?.groups === undefined) return undefined;
  const snapshots = path.join(folder, name, 'snapshots');
  const commits = await readdir(snapshots).catch(() => []);
  const dated = await Promise.all(commits.map(async commit => ({ commit, at: (await stat(path.join(snapshots, commit)).catch(() => undefined))?.mtimeMs ?? 0 })));
  const newest = dated.sort((a, b) => b.at - a.at)[0];
  if (newest === undefined) return undefined;
  return readModelFolder(path.join(snapshots, newest.commit), `${match.groups['owner'] ?? ''}/${match.groups['name'] ?? ''}`);
}

/** @throws HostError `modelMissing` where `wanted` is there but is no folder. */
async function chooseFolder(wanted: string, models: readonly CatalogModel[]): Promise<ChosenModel | undefined> {
  const folder = path.resolve(expandHome(wanted));
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) return undefined;
  if (!info.isDirectory()) throw new HostError('modelMissing', `${wanted} is a file. Name the folder of the checkpoint, the one with config.json and *.safetensors.`);
  const listed = models.find(model => model.path === folder);
  if (listed !== undefined) return chosen(listed);
  const model = await readModelFolder(folder);
  if (model !== undefined) return chosen({ ...model, id: model.name, isDemo: false });
  // The host says best what such a folder lacks.
  return { id: path.basename(folder), path: folder, kind: 'unknown', isDemo: false };
}

function chosen({ id, path: folder, kind, isDemo, conversion }: CatalogModel): ChosenModel {
  return { id, path: folder, kind, isDemo, ...(conversion === undefined ? {} : { conversion }) };
}

async function describe(model: CatalogModel, conversions: readonly Conversion[]): Promise<ModelInfo> {
  const place = await realpath(model.path).catch(() => model.path);
  const fits = ({ sourcePath }: Conversion) => sourcePath === model.path || sourcePath === place;
  const converted = model.conversion === undefined ? conversions.filter(fits).map(conversion => conversion.weights) : [model.conversion.weights];
  return {
    id: model.id,
    kind: model.kind,
    isInstalled: true,
    path: model.path,
    ...(model.resolutionPx === undefined ? {} : { resolutionPx: model.resolutionPx }),
    bytes: model.bytes,
    converted: [...new Set<WeightType>(converted)].sort(),
    ...(model.problem === undefined ? {} : { problem: model.problem }),
  };
}

/** A model for all tasks before one for a single task, before one that is yet to be trained; then the finer picture. */
const kindOrder: readonly CheckpointKind[] = ['mix', 'ft', 'unknown', 'pt', 'demo'];

function byPreference(a: CatalogModel, b: CatalogModel): number {
  return Number(a.isDemo) - Number(b.isDemo)
    || Number(a.problem !== undefined) - Number(b.problem !== undefined)
    || kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind)
    || (b.resolutionPx ?? 0) - (a.resolutionPx ?? 0)
    || a.id.localeCompare(b.id);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function expandHome(folder: string): string {
  return folder === '~' || /^~[/\\]/.test(folder) ? path.join(os.homedir(), folder.slice(1)) : folder;
}
