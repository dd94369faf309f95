/** The language of what the server and its hosts say. */
import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { bundleNames } from '../../../paligemma/src/locales';

/** Hosts inherit it with the rest of the environment: the file with the texts of their parent's language. */
const BUNDLE_VARIABLE = 'PALIGEMMA_TEXTS';

/**
 * Lets this process, and the hosts that it starts from now on, speak the client's language; English where there are no
 * texts in it.
 * @param folder Where the bundles of texts lie.
 */
export function speak(locale: string | undefined, folder: string): void {
  const bundle = bundleNames(locale ?? 'en').map(name => path.join(folder, name)).find(file => existsSync(file));
  if (bundle === undefined) return;
  l10n.config({ fsPath: bundle });
  process.env[BUNDLE_VARIABLE] = bundle;
}

/** Code of the language that this process speaks, as pages name it. */
export function spokenLanguage(): string {
  return /bundle\.l10n\.([a-z0-9-]+)\.json$/.exec(process.env[BUNDLE_VARIABLE] ?? '')?.[1] ?? 'en';
}
