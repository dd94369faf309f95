/** Whether the person trusts the workspace, and a host that keeps its hands off pictures until then. */
import type { InitializeParams } from 'vscode-languageserver/node';
import { HostError } from '../../../paligemma/src/failures';
import type { HostAccess } from '../runs/runner';

/** Clients that say nothing of it are taken to be trusted: the notion is that of VS Code. */
export class WorkspaceTrust {
  private given = true;

  get isGiven(): boolean {
    return this.given;
  }

  initialize({ initializationOptions }: Pick<InitializeParams, 'initializationOptions'>): void {
    this.given =
      (initializationOptions as { readonly workspaceTrust?: unknown } | null | undefined)?.workspaceTrust !== false;
  }

  grant(): void {
    this.given = true;
  }
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
          new HostError(
            'badArgument',
            'This workspace is not trusted, so its pictures are not opened. Trust the workspace to use them.',
          ),
        ),
    killStuck: () => host.killStuck(),
  };
}
