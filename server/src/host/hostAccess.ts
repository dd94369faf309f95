/** What whoever runs or draws something needs of a model host, and a host that keeps its hands off pictures. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../paligemma/src/failures';
import type { HostClient } from './hostClient';

/** The part of `HostProcess` that uses it. */
export interface HostAccess {
  use<T>(work: (client: HostClient) => Promise<T>, token: CancellationToken): Promise<T>;
  killStuck(): void;
}

/**
 * Refuses every use while `isTrusted` says no, so that the process is not even started: decoders and models are for
 * trusted pictures.
 */
export function trustedHost(host: HostAccess, isTrusted: () => boolean): HostAccess {
  return {
    use: (work, token) =>
      isTrusted()
        ? host.use(work, token)
        : Promise.reject(
          new Failure(
            'untrusted',
            l10n.t('This workspace is not trusted, so its pictures are not opened. Trust the workspace to use them.'),
          ),
        ),
    killStuck: () => host.killStuck(),
  };
}
