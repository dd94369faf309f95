/** Whether the person trusts the workspace. */
import type { InitializeParams } from 'vscode-languageserver/node';

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
