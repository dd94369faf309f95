import { repositoryOfCacheFolder } from '../../../paligemma/src/folderContents';
import type { ModelInfo } from '../../../server/src/contract/protocol';

/** What an adapter is merged into: its name on the hub, where the folder says it, else the folder's; undefined for a model. */
export function adapterBase({ adapter, path }: Pick<ModelInfo, 'adapter' | 'path'>): string | undefined {
  if (adapter === undefined || path === undefined) return undefined;
  const names = path.split(/[\\/]/).filter(name => name !== '');
  const repository = names.map(repositoryOfCacheFolder).findLast(name => name !== undefined);
  return repository ?? names.at(-1);
}
