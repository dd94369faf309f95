/** The models of this machine, without a runner and hosts: listing and removing them runs nothing. */
import path from 'node:path';
import { defaultSettings } from '../../contract/settings';
import { ModelCatalog } from '../../models/catalog/catalog';
import { ownCachePath } from '../../models/folders/cachePath';
import type { VerbContext } from '../terminal/verb';

export function ownCatalog({ distPath }: Pick<VerbContext, 'distPath'>): ModelCatalog {
  return new ModelCatalog({
    packageRoot: path.dirname(distPath),
    cachePath: ownCachePath(),
    modelFolders: () => defaultSettings.modelFolders,
  });
}
