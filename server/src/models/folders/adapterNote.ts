/** What a person should know of an adapter before its answers are trusted. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../../paligemma/src/checks';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ADAPTER_CONFIG_FILE, ADAPTER_FILE, CONFIG_FILE } from '../../../../paligemma/src/folderContents';
import { readPlainJson } from '../../../../system/src/plainFile';

/** Written ones have a few kilobytes. */
const LONGEST_JSON = 4 << 20;
/** A published checkpoint inside of a name or a path. */
const PUBLISHED = /paligemma2?-\d+b-[a-z-]+\d{3}/gi;

/**
 * One sentence where the adapter was trained on another published checkpoint than the model, or where none is named and
 * one lies in the model's folder. A folder of the person's own may be called anything, so only published names count.
 */
export async function adapterNote(
  model: { readonly id: string; readonly path: string },
  adapterPath: string | undefined,
): Promise<string | undefined> {
  if (adapterPath === undefined) {
    const files = await Promise.all(
      [CONFIG_FILE, ADAPTER_CONFIG_FILE, ADAPTER_FILE].map(name =>
        stat(path.join(model.path, name)).catch(() => undefined)
      ),
    );
    return files.every(info => info?.isFile() === true)
      ? l10n.t(
        'The folder of {0} contains an adapter; it is merged only if --adapter names that folder too.',
        model.id,
      )
      : undefined;
  }
  const config = await readPlainJson(path.join(adapterPath, ADAPTER_CONFIG_FILE), LONGEST_JSON);
  const base = isRecord(config) ? publishedIn(config['base_model_name_or_path']) : undefined;
  const own = publishedIn(model.id) ?? publishedIn(model.path);
  return base === undefined || own === undefined || base === own
    ? undefined
    : l10n.t('The adapter was trained on {0}, but the model is {1}: answers may be poor.', base, own);
}

function publishedIn(name: unknown): string | undefined {
  return typeof name === 'string' ? name.slice(-1000).match(PUBLISHED)?.at(-1)?.toLowerCase() : undefined;
}
