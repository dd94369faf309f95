/** Deletes what this program put on the disk for a model, and nothing else. */
import * as l10n from '@vscode/l10n';
import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import type { CachedConversion, CatalogModel } from './catalog';
import { folderName, readRecord } from '../folders/downloadRecord';
import { isTaken, PARTIAL_SUFFIX } from '../folders/partialFolder';
import { readPointer } from '../folders/modelPlaces';
import { hostsOf, serverModelId } from '../../../../paligemma/src/serverNames';
import { serverEntryPath, type RegisteredServer } from '../servers/servers';

export interface Removal {
  readonly id: string;
  /** Absolute; what is deleted. */
  readonly paths: readonly string[];
  readonly bytes: number;
  /** What stays, and what the person can do about it. */
  readonly note?: string;
}

/** What {@link remove} would delete. */
export async function planRemoval(
  { model, conversions }: { readonly model: CatalogModel; readonly conversions: readonly CachedConversion[] },
  cachePath: string,
): Promise<Removal> {
  const own = await ownPaths(model, cachePath);
  const paths = [...own.paths, ...conversions.map(conversion => conversion.path)];
  const sizes = await Promise.all(paths.map(bytesBelow));
  return {
    id: model.id,
    paths,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ...(own.note === undefined ? {} : { note: own.note }),
  };
}

/**
 * The leftovers of a download that was interrupted; undefined where there are none. @throws Failure badArgument while
 * it is going on.
 */
export async function planPartialRemoval(
  id: string,
  revision: string,
  cachePath: string,
): Promise<Removal | undefined> {
  const folder = path.join(cachePath, 'models', folderName(id, revision) + PARTIAL_SUFFIX);
  const isThere = await lstat(folder).then(() => true, () => false);
  if (!isThere) return undefined;
  if (await isTaken(folder)) {
    throw new Failure('busy', l10n.t('{0} is being downloaded right now by another process. End that first.', id));
  }
  return { id, paths: [folder], bytes: await bytesBelow(folder) };
}

/** The entry of a server's model: afterwards it gets no pictures any more. */
export async function planServerRemoval(server: RegisteredServer, cachePath: string): Promise<Removal> {
  const entry = serverEntryPath(server, cachePath);
  return {
    id: serverModelId(server),
    paths: [entry],
    bytes: await bytesBelow(entry),
    note: l10n.t('Pictures are no longer sent to {0} for this model.', hostsOf(server.urls)),
  };
}

/** @throws errors of the file system. */
export async function remove({ paths }: Removal): Promise<void> {
  for (const place of paths) await rm(place, { recursive: true, force: true, maxRetries: 3 });
}

async function ownPaths(
  model: CatalogModel,
  cachePath: string,
): Promise<{ readonly paths: readonly string[]; readonly note?: string }> {
  const { origin, path: folder, pointerPath } = model;
  switch (origin) {
    case 'downloaded':
      return { paths: [folder] };
    case 'added': {
      if (pointerPath === undefined) return { paths: [] };
      const isDownload = (await readPointer(pointerPath))?.isDownload === true
        && (await readRecord(folder)) !== undefined;
      return isDownload
        ? { paths: [folder, pointerPath] }
        : { paths: [pointerPath], note: l10n.t('The folder {0} stays: it is yours.', model.adapterPath ?? folder) };
    }
    case 'folder': {
      const isLink = path.dirname(folder) === path.join(cachePath, 'models')
        && (await lstat(folder).then(info => info.isSymbolicLink(), () => false));
      return isLink
        ? { paths: [folder], note: l10n.t('The folder that the link pointed to stays: it is yours.') }
        : {
          paths: [],
          note: l10n.t(
            'The folder {0} stays: it was not put there by this program. Delete it yourself, or remove it from the setting paligemma.modelFolders.',
            folder,
          ),
        };
    }
    case 'huggingFaceCache':
      return {
        paths: [],
        note: l10n.t(
          'The files in the cache of Hugging Face itself stay, as other programs use them; “hf cache delete” removes them.',
        ),
      };
    case 'server':
      return { paths: [] };
    case 'bundled':
      return { paths: [], note: l10n.t('The model itself comes with the program and stays.') };
  }
}

/** Bytes on disk, links not followed. */
async function bytesBelow(place: string): Promise<number> {
  const info = await lstat(place).catch(() => undefined);
  if (info === undefined) return 0;
  if (!info.isDirectory()) return info.size;
  const names = await readdir(place).catch(() => []);
  const sizes = await Promise.all(names.map(name => bytesBelow(path.join(place, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
