/** The models on this machine, and which of them a name means. Loads nothing native. */
import * as l10n from '@vscode/l10n';
import { machineOf } from '../../../../paligemma/src/otherMachines';
import { formText } from '../../../../paligemma/src/weightForms';
import { readdir, realpath, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { given } from '../../../../paligemma/src/given';
import type { CheckpointKind, WeightType } from '../../../../paligemma/src/facts';
import type { ModelInfo } from '../../contract/protocol';
import { knownCheckpoint } from '../../language/knowledge/models';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { checkCache } from '../folders/cacheSafety';
import { expandHome } from '../folders/homePath';
import { hubCachePath } from '../folders/hubPlaces';
import { fittingWeights, memoryByWeights } from '../folders/memory';
import {
  folderProblem,
  kindOfName,
  readConversion,
  readModelFolder,
  sizeOfName,
  type Conversion,
} from '../folders/modelFolder';
import { modelsIn, modelsInCache, modelsInHubCache, type FoundModel } from '../folders/modelPlaces';
import { meantFolder } from '../folders/hubSnapshot';
import { Advice } from './advice';
import { otherTokenizers } from './otherTokenizers';
import { publishedModels } from './publishedModels';
import { findServer, registeredServers, type RegisteredServer } from '../servers/servers';
import { serverModelId } from '../../../../paligemma/src/serverNames';

/** Short for the model that comes with this package. */
const DEMO_ALIAS = 'demo';
const DEMO_NAME = 'paligemma2-demo-224';

export interface CatalogOptions {
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  readonly cachePath: string;
  /** The setting `paligemma.modelFolders`, read anew each time. */
  readonly modelFolders: () => readonly string[];
  /** Hugging Face's own cache, used in place; default: where its tools keep it. */
  readonly hubCachePath?: string;
  /** Bytes of memory of this machine; default: what the system says. */
  readonly totalMemoryBytes?: number;
  /** See {@link AdviceOptions}. */
  readonly hasModelList?: () => boolean;
}

interface ModelChoice {
  readonly id: string;
  readonly kind: CheckpointKind;
  readonly isDemo: boolean;
  /** Side of the square that it sees, where that is known. */
  readonly resolutionPx?: number;
  /** What the person should know about this choice: the demo model was taken because there is no other. */
  readonly note?: string;
}

/** A model of this machine. */
export interface ChosenFolder extends ModelChoice {
  /** Absolute. */
  readonly path: string;
  /** Set for a folder that is converted already: it fixes weights and attention. */
  readonly conversion?: Conversion;
  /** Set for an adapter that was registered, absolute: it belongs to every run of this model. */
  readonly adapterPath?: string;
  /** Folders whose tokenizer may serve, the best first, where its own brings none. */
  readonly tokenizerPaths?: readonly string[];
  readonly server?: undefined;
}

/** A model of inference servers that the person has agreed to. */
export interface ChosenServer extends ModelChoice {
  readonly path?: undefined;
  readonly conversion?: undefined;
  readonly tokenizerPaths?: undefined;
  readonly server: RegisteredServer;
}

export type ChosenModel = ChosenFolder | ChosenServer;

/**
 * Who names a model. The person may name any folder, relative ones from where they are. A document may, by a path that
 * is whole and of this machine, or that whoever read the document has made whole. A setting, which a workspace may hold,
 * names a model that is there.
 */
export type NameOrigin = 'person' | 'document' | 'setting';

export interface NamedModel {
  readonly name: string;
  readonly origin: NameOrigin;
  /** Of a document: what the name is as a path from where the document lies, absolute, where it is one. */
  readonly folder?: string | undefined;
}

/** A conversion in the cache. */
export interface CachedConversion extends Conversion {
  /** Absolute. */
  readonly path: string;
}

export interface CatalogModel extends FoundModel {
  readonly id: string;
  readonly isDemo: boolean;
}

export class ModelCatalog {
  private readonly advice: Advice;

  constructor(private readonly options: CatalogOptions) {
    this.advice = new Advice(options);
  }

  /** Every model that was found, the ones to be preferred first. @throws Failure `cacheUnsafe` */
  async list(): Promise<readonly ModelInfo[]> {
    const [models, converted, servers] = await Promise.all([this.find(), this.findConverted(), this.servers()]);
    // Never before a model of this machine: where nothing is chosen, nothing is sent anywhere.
    return [...await Promise.all(models.map(model => this.describe(model, converted))), ...servers.map(describeServer)];
  }

  /** The published checkpoints, whether installed or not, those that fit this machine first. */
  async listPublished(): Promise<readonly ModelInfo[]> {
    return publishedModels(await this.list(), {
      modelsPath: path.join(this.options.cachePath, 'models'),
      totalMemoryBytes: this.totalMemoryBytes,
    });
  }

  /**
   * A model with the conversions that were made of it, for verifying and removing.
   * @param name As listed, or a folder. @throws Failure modelMissing
   */
  async inspect(
    name: string,
  ): Promise<{ readonly model: CatalogModel; readonly conversions: readonly CachedConversion[] }> {
    const models = await this.find();
    const { path: folder } = await meantFolder(expandHome(name));
    // Never a model of another owner, as a run would take it: what is found here may be deleted.
    const model = models.find(({ id, isDemo }) => sameName(id, name) || (isDemo && sameName(DEMO_ALIAS, name)))
      ?? models.find(candidate =>
        placeOf(candidate) === folder || (!name.includes('/') && sameName(lastPart(candidate.id), name))
      );
    if (model === undefined) {
      const problem = (await readModelFolder(folder))?.problem ?? await folderProblem(folder);
      throw new Failure(
        'modelMissing',
        problem === undefined
          ? `${l10n.t('There is no installed model called {0}.', name)} ${await this.whatThereIs(models)}`
          : l10n.t('The folder {0} is not one of the models here and cannot be used as one. {1}', name, problem),
      );
    }
    return { model, conversions: await conversionsOf(model, await this.findConverted()) };
  }

  /** The models of inference servers that were registered. @throws Failure `cacheUnsafe` */
  async servers(): Promise<readonly RegisteredServer[]> {
    await checkCache(this.options.cachePath);
    return registeredServers(this.options.cachePath);
  }

  private get totalMemoryBytes(): number {
    return this.options.totalMemoryBytes ?? os.totalmem();
  }

  /**
   * @param name Id, alias `demo`, folder, or address of a registered server; empty or absent: the best model that is
   *   installed here.
   * @throws Failure `modelMissing`, `cacheUnsafe`; `serverNotAllowed`, `serverModelMissing`, `badArgument` for an address.
   */
  async choose(
    name: string | undefined,
    origin: NameOrigin = 'person',
    folder?: NamedModel['folder'],
  ): Promise<ChosenModel> {
    const server = name === undefined ? undefined : findServer(name, await this.servers());
    if (server !== undefined) return chosenServer(server);
    const models = await this.find();
    if (name === undefined || name.trim() === '') return withTokenizers(this.chooseBest(models), models);
    const wanted = { name: name.trim(), origin, folder };
    const found = await chooseNamed(wanted, models);
    return found === undefined ? this.failToChoose(wanted, models) : withTokenizers(found, models);
  }

  private async failToChoose({ name: wanted, origin }: NamedModel, models: readonly CatalogModel[]): Promise<never> {
    const checkpoint = knownCheckpoint(wanted);
    const there = await this.whatThereIs(models);
    if (checkpoint !== undefined && checkpoint.bytes > 0 && !checkpoint.isConverted) {
      throw new Failure('modelMissing', `${this.advice.howToGet(checkpoint)} ${there}`);
    }
    if (origin !== 'person' && machineOf(wanted) !== undefined) {
      throw new Failure(
        'modelMissing',
        l10n.t(
          '{0} is a folder of another machine, and only a person can name those. Add it ("paligemma models add {0}"), and use the name that it gets.',
          wanted,
        ),
      );
    }
    throw new Failure(
      'modelMissing',
      origin === 'setting' && isPath(wanted)
        ? this.advice.howToAddFolder(wanted)
        : `${l10n.t('There is no model and no folder called {0}.', wanted)} ${there}`,
    );
  }

  private chooseBest(models: readonly CatalogModel[]): ChosenFolder {
    const usable = models.filter(model => model.problem === undefined);
    const [best] = usable;
    if (best === undefined) {
      throw new Failure('modelMissing', `${l10n.t('No model is installed.')} ${this.advice.howToAdd()}`);
    }
    return best.isDemo ? { ...chosen(best), note: this.demoNote() } : chosen(best);
  }

  private whatThereIs(models: readonly CatalogModel[]): Promise<string> {
    return this.advice.whatThereIs(models.map(({ id }) => id));
  }

  private demoNote(): string {
    const note = l10n.t(
      'No PaliGemma 2 model is installed, so the demo model {0} answers: it knows drawn shapes and printed words only, not photographs.',
      DEMO_NAME,
    );
    return `${note} ${this.advice.howToAdd()}`;
  }

  private async find(): Promise<readonly CatalogModel[]> {
    const { packageRoot, cachePath, modelFolders } = this.options;
    const demoPath = path.join(packageRoot, 'model-host', 'demo-model', DEMO_NAME);
    await checkCache(cachePath);
    const groups = await Promise.all([
      modelsInCache(cachePath),
      ...modelFolders().map(folder => modelsIn(expandHome(folder))),
      modelsInHubCache(this.options.hubCachePath ?? hubCachePath({ env: process.env, homePath: os.homedir() })),
      readModelFolder(demoPath).then(
        model => (model === undefined ? [] : [{ ...model, kind: 'demo' as const, origin: 'bundled' as const }]),
      ),
    ]);
    const seen = new Set<string>();
    const ids = new Set<string>();
    const models: CatalogModel[] = [];
    for (const model of groups.flat()) {
      const lies = placeOf(model);
      const place = await realpath(lies).catch(() => lies);
      if (seen.has(place)) continue;
      seen.add(place);
      const id = ids.has(model.name.toLowerCase()) ? lies : model.name;
      ids.add(id.toLowerCase());
      models.push({ ...model, id, isDemo: lies === demoPath });
    }
    return models.sort(byPreference);
  }

  private async describe(model: CatalogModel, conversions: readonly CachedConversion[]): Promise<ModelInfo> {
    const converted = model.graphs !== undefined
      ? model.graphs.weights
      : model.conversion === undefined
      ? (await conversionsOf(model, conversions)).map(({ weights }) => weights)
      : [model.conversion.weights];
    const { size, resolutionPx } = model;
    const memoryBytes = size === undefined || resolutionPx === undefined
      ? undefined
      : memoryByWeights(size, resolutionPx);
    return {
      id: model.id,
      kind: model.kind,
      isInstalled: true,
      path: model.path,
      ...given({ adapter: model.adapterPath, resolutionPx }),
      bytes: model.bytes,
      converted: [...new Set<WeightType>(converted)].sort(),
      ...(model.form === undefined ? {} : { form: formText(model.form) }),
      ...(model.problem === undefined ? {} : { problem: model.problem }),
      origin: model.origin,
      ...(size === undefined ? {} : { size }),
      ...(memoryBytes === undefined ? {} : { memoryBytes, fits: fittingWeights(memoryBytes, this.totalMemoryBytes) }),
    };
  }

  private async findConverted(): Promise<readonly CachedConversion[]> {
    const folder = path.join(this.options.cachePath, 'converted');
    await checkCache(this.options.cachePath);
    const names = await readdir(folder).catch(() => []);
    // A conversion that is under way, or was cut off, is none.
    const whole = names.filter(name => !name.includes('.partial-'));
    const conversions = await Promise.all(whole.map(async name => {
      const conversion = await readConversion(path.join(folder, name));
      return conversion === undefined ? undefined : { ...conversion, path: path.join(folder, name) };
    }));
    return conversions.filter(conversion => conversion !== undefined);
  }
}

/** @throws Failure `modelMissing` for a file in the place of a folder. */
async function chooseNamed(named: NamedModel, models: readonly CatalogModel[]): Promise<ChosenFolder | undefined> {
  const { name: wanted } = named;
  const known = models.find(model => sameName(model.id, wanted) || (model.isDemo && sameName(DEMO_ALIAS, wanted)))
    // Its folder, as the list tells it: nothing is looked up for that.
    ?? models.find(model => placeOf(model) === wanted)
    // A name that a model here has is that model, whatever lies in the folder one happens to be in.
    ?? models.find(model => sameName(lastPart(model.id), wanted));
  if (known !== undefined) return chosen(known);
  const folder = await folderNamed(named, models);
  if (folder !== undefined) return folder;
  // A folder of one's own seldom has the owner in its name.
  const published = models.find(({ id }) => !id.includes('/') && sameName(id, lastPart(wanted)));
  return published === undefined || isPath(wanted) ? undefined : chosen(published);
}

/** The folder that a name is the path of, as far as who named it may name one. @throws as {@link chooseNamed}. */
async function folderNamed(
  { name, origin, folder }: NamedModel,
  models: readonly CatalogModel[],
): Promise<ChosenFolder | undefined> {
  switch (origin) {
    case 'person':
      return chooseFolder(name, models);
    case 'document': {
      const place = folder ?? await placeHere(name);
      // A folder of that name beside the document is not the published model.
      const isPublished = knownCheckpoint(name) !== undefined && !isPath(name);
      return place === undefined || isPublished ? undefined : chooseFolder(place, models);
    }
    case 'setting':
      return chooseListed(name, models);
  }
}

/** A model that is there, by its folder. */
async function chooseListed(wanted: string, models: readonly CatalogModel[]): Promise<ChosenFolder | undefined> {
  const place = await placeHere(wanted);
  if (place === undefined) return undefined;
  const { path: folder } = await meantFolder(place);
  const listed = models.find(model => placeOf(model) === folder);
  return listed === undefined ? undefined : chosen(listed);
}

/** A whole path that a document or a setting gives; undefined where it, or a link on it, leads to another machine. */
async function placeHere(name: string): Promise<string | undefined> {
  if (!isAbsolutePath(name) || machineOf(name) !== undefined) return undefined;
  const place = expandHome(name);
  return await leadsElsewhere(place) ? undefined : place;
}

/** @throws Failure `modelMissing` where `wanted` is there but is no folder. */
async function chooseFolder(wanted: string, models: readonly CatalogModel[]): Promise<ChosenFolder | undefined> {
  const { path: folder, name } = await meantFolder(expandHome(wanted));
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) return undefined;
  if (!info.isDirectory()) {
    throw new Failure(
      'modelMissing',
      l10n.t('{0} is a file. Name the folder of the checkpoint, the one with config.json and *.safetensors.', wanted),
    );
  }
  const listed = models.find(model => placeOf(model) === folder);
  if (listed !== undefined) return chosen(listed);
  const model = await readModelFolder(folder, name);
  if (model !== undefined) return chosen({ ...model, id: model.name, isDemo: false });
  // The host says best what such a folder lacks.
  return { id: name, path: folder, kind: 'unknown', isDemo: false };
}

/** A converted folder has its tokenizer in it. */
async function withTokenizers(model: ChosenFolder, models: readonly CatalogModel[]): Promise<ChosenFolder> {
  if (model.conversion !== undefined) return model;
  const others = models.filter(({ path: place, problem }) => place !== model.path && problem === undefined);
  const tokenizerPaths = await otherTokenizers(model.path, others.map(({ path: place }) => place));
  return tokenizerPaths.length === 0 ? model : { ...model, tokenizerPaths };
}

function chosenServer(server: RegisteredServer): ChosenServer {
  const { model, resolutionPx } = server;
  return { id: serverModelId(server), kind: kindOfName(model), isDemo: false, resolutionPx, server };
}

function describeServer({ urls, model, mask, resolutionPx }: RegisteredServer): ModelInfo {
  return {
    id: serverModelId({ urls, model }),
    kind: kindOfName(model),
    isInstalled: true,
    resolutionPx,
    converted: [],
    origin: 'server',
    ...sizeOfName(model),
    server: { urls, mask },
  };
}

function chosen(
  { id, path: folder, kind, isDemo, conversion, resolutionPx, adapterPath }: Omit<CatalogModel, 'origin'>,
): ChosenFolder {
  return { id, path: folder, kind, isDemo, ...given({ conversion, resolutionPx, adapterPath }) };
}

/** The folder that makes a model what it is: that of an adapter, not of its base. */
function placeOf({ path: folder, adapterPath }: Pick<FoundModel, 'path' | 'adapterPath'>): string {
  return adapterPath ?? folder;
}

async function conversionsOf(
  model: CatalogModel,
  conversions: readonly CachedConversion[],
): Promise<readonly CachedConversion[]> {
  // Those of its base are the base's.
  if (model.adapterPath !== undefined) return [];
  const place = await realpath(model.path).catch(() => model.path);
  return conversions.filter(({ sourcePath }) => sourcePath === model.path || sourcePath === place);
}

/**
 * A model for all tasks before one for a single task, before one that is yet to be trained; then the finer picture. An
 * adapter is never taken without being named: it was tuned for something.
 */
const kindOrder: readonly CheckpointKind[] = ['mix', 'ft', 'unknown', 'pt', 'demo'];

function byPreference(a: CatalogModel, b: CatalogModel): number {
  return Number(a.adapterPath !== undefined) - Number(b.adapterPath !== undefined)
    || Number(a.isDemo) - Number(b.isDemo)
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

/** Anything that cannot be the name of a model, which has one slash at most. */
export function isPath(name: string): boolean {
  return isAbsolutePath(name) || /^\.{1,2}(?:[/\\]|$)|\\|\/.*\//.test(name);
}

function isAbsolutePath(name: string): boolean {
  return /^(?:~(?:[/\\]|$)|[/\\]|[A-Za-z]:[/\\])/.test(name);
}
