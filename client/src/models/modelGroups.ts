/** Which models stand where in a list. Free of the editor. */
import type { ModelInfo } from '../../../server/src/contract/protocol';

export interface ModelGroups {
  readonly local: readonly ModelInfo[];
  readonly servers: readonly ModelInfo[];
  /** Those that fit this machine first, those that cannot be used last. */
  readonly downloadable: readonly ModelInfo[];
}

/**
 * @param listed What can be chosen. @param published The published checkpoints; what they know beyond the listed ones,
 * for example the licence, is added to these.
 */
export function groupModels(listed: readonly ModelInfo[], published: readonly ModelInfo[]): ModelGroups {
  const known = new Map(published.map(model => [model.id.toLowerCase(), model]));
  const models = listed.map(model => ({ ...known.get(model.id.toLowerCase()), ...model }));
  const isListed = new Set(listed.map(({ id }) => id.toLowerCase()));
  return {
    local: models.filter(({ server }) => server === undefined),
    servers: models.filter(({ server }) => server !== undefined),
    downloadable: published.filter(({ id, isInstalled }) => !isInstalled && !isListed.has(id.toLowerCase())),
  };
}

/** Whether there is something of it that can be removed: files of its own, an entry, or the rest of a download. */
export function isRemovable({ origin, partialBytes, isInstalled, converted }: ModelInfo): boolean {
  if (!isInstalled) return partialBytes !== undefined;
  return origin === 'downloaded' || origin === 'added' || origin === 'server' || converted.length > 0;
}
