import { HostError } from '../../../paligemma/src/failures';
import type { HostAccess } from './runner';

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
          new HostError(
            'badArgument',
            'This workspace is not trusted, so its pictures are not opened. Trust the workspace to use them.',
          ),
        ),
    killStuck: () => host.killStuck(),
  };
}
