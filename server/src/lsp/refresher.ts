/** Asks the client to ask again, at a pace that it can follow. */
import type { Connection } from 'vscode-languageserver/node';
import type { ClientAbilities } from './clientAbilities';
import type { Timers } from '../util/timers';

export type Refreshed = keyof ClientAbilities['refreshes'];

/** At least so long between two requests of a kind: text that streams in is read, not watched letter by letter. */
const intervalMs: Readonly<Record<Refreshed, number>> = {
  inlayHints: 150,
  codeLenses: 250,
  diagnostics: 100,
  semanticTokens: 250,
};

export class Refresher {
  private readonly lastAt = new Map<Refreshed, number>();
  private readonly armed = new Set<Refreshed>();

  constructor(
    private readonly connection: Connection,
    private readonly abilities: () => ClientAbilities,
    private readonly timers: Timers,
  ) {}

  /** Does nothing for what the client does not ask again. */
  request(kind: Refreshed): void {
    if (!this.abilities().refreshes[kind] || this.armed.has(kind)) return;
    this.armed.add(kind);
    const sinceLast = this.timers.now() - (this.lastAt.get(kind) ?? -Infinity);
    // Never at once: what changes together is asked for together.
    this.timers.after(Math.max(5, intervalMs[kind] - sinceLast), () => {
      this.armed.delete(kind);
      this.lastAt.set(kind, this.timers.now());
      void this.send(kind).catch(() => undefined);
    });
  }

  private send(kind: Refreshed): Promise<void> {
    const { languages } = this.connection;
    switch (kind) {
      case 'inlayHints':
        return languages.inlayHint.refresh();
      case 'codeLenses':
        return this.connection.sendRequest('workspace/codeLens/refresh');
      case 'diagnostics':
        return languages.diagnostics.refresh();
      case 'semanticTokens':
        return Promise.resolve(languages.semanticTokens.refresh());
    }
  }
}
