/** The request of a language client that trains. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { isOneOf, isRecord, isString } from '../../../../paligemma/src/checks';
import { tune as tuneRequest, tuneEvent, tuningMethods, type TuneParams } from '../../contract/tuning';
import type { ModelCatalog } from '../../models/catalog/catalog';
import { tune } from '../../tuning/tune';
import type { Client } from '../connection/client';

export interface TuningRequestContext {
  readonly client: Client;
  readonly services: { readonly catalog: ModelCatalog };
  readonly cachePath: string;
  /** The folder above `dist/`. */
  readonly packageRoot: string;
  /** Called after the models on this machine have changed. */
  readonly onDidChangeModels: () => void;
}

export function registerTuningRequests(context: TuningRequestContext): void {
  const { client, services: { catalog }, cachePath, packageRoot, onDidChangeModels } = context;
  client.requests.on(tuneRequest, async (params, token) => {
    const { partialResultToken, ...wish } = readTuneParams(params);
    if (!client.trust.isGiven) {
      throw new Failure(
        'untrusted',
        l10n.t('This workspace is not trusted, so nothing is trained on its files. Trust the workspace to use them.'),
      );
    }
    await client.configuration.ready;
    return tune({ ...wish, python: client.settings['tuning.python'], nameOrigin: 'setting' }, {
      catalog,
      cachePath,
      packageRoot,
      log: client.log,
      timers: client.timers,
      onEvent: event => {
        if (partialResultToken === undefined) return;
        void client.connection.sendProgress(tuneEvent, partialResultToken, event).catch(() => undefined);
      },
    }, token).finally(onDidChangeModels);
  });
}

/** @throws Failure badArgument */
export function readTuneParams(params: unknown): TuneParams {
  const value = isRecord(params) ? params : {};
  const isPlace = (place: unknown) => isString(place) && path.isAbsolute(place);
  const isMaybePlace = (place: unknown) => place === undefined || isPlace(place);
  const isValid = isPlace(value['file']) && isPlace(value['out']) && isMaybePlace(value['valid'])
    && isMaybePlace(value['settings']) && isString(value['model']) && isOneOf(tuningMethods)(value['method'])
    && ['string', 'number', 'undefined'].includes(typeof value['partialResultToken']);
  if (isValid) return params as TuneParams;
  throw new Failure(
    'badArgument',
    l10n.t(
      'The request to train was not understood; the extension and its server may have different versions. Reload the window.',
    ),
  );
}
