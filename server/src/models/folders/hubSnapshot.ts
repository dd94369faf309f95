/** A repository in Hugging Face's own cache: `models--OWNER--NAME/snapshots/COMMIT`, whose files are links to blobs. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { repositoryOfCacheFolder } from '../../../../paligemma/src/folderContents';
import { readStart } from '../../../../system/src/plainFile';

export interface CachedRepository {
  /** `OWNER/NAME`. */
  readonly id: string;
  /** Newest first. Names of folders in `snapshotsPath`. */
  readonly commits: readonly string[];
  /** The commit that `refs/main` names, else the newest. */
  readonly current: string;
  readonly snapshotsPath: string;
}

/** @returns undefined for a folder that is no such repository, or holds no commit. Source: huggingface_hub, "Manage the cache". */
export async function readCachedRepository(folder: string): Promise<CachedRepository | undefined> {
  const id = repositoryOfCacheFolder(path.basename(folder));
  if (id === undefined) return undefined;
  const snapshotsPath = path.join(folder, 'snapshots');
  const names = await readdir(snapshotsPath).catch(() => []);
  const dated = await Promise.all(names.map(async name => {
    const info = await stat(path.join(snapshotsPath, name)).catch(() => undefined);
    return info?.isDirectory() === true ? { name, at: info.mtimeMs } : undefined;
  }));
  const commits = dated.filter(commit => commit !== undefined).sort((a, b) => b.at - a.at).map(({ name }) => name);
  const [newest] = commits;
  if (newest === undefined) return undefined;
  const main = (await readStart(path.join(folder, 'refs', 'main'), 200))?.toString('utf8').trim();
  return { id, commits, current: commits.find(commit => commit === main) ?? newest, snapshotsPath };
}

/** A folder that a person named, and what it means. */
export interface MeantFolder {
  /** Absolute. */
  readonly path: string;
  /** What a model in it is called: its name on the hub, where the folder says it; else the folder's own. */
  readonly name: string;
}

/**
 * A repository of the cache means its current commit, whether the repository, its `snapshots` or the commit is named;
 * any other folder means itself.
 */
export async function meantFolder(folder: string): Promise<MeantFolder> {
  const place = path.resolve(folder);
  const parent = path.dirname(place);
  const candidates = [place, ...(path.basename(place) === 'snapshots' ? [parent] : [])];
  for (const candidate of candidates) {
    // A link may go by any name.
    const repository = await readCachedRepository(await realpath(candidate).catch(() => candidate));
    if (repository === undefined) continue;
    return { path: path.join(repository.snapshotsPath, repository.current), name: repository.id };
  }
  const id = path.basename(parent) === 'snapshots'
    ? repositoryOfCacheFolder(path.basename(path.dirname(parent)))
    : undefined;
  return { path: place, name: id ?? path.basename(place) };
}
