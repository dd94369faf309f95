/** Findings about the pictures of open pages, for clients that do not ask for them; those that do are told to ask again. */
import type { Diagnostic } from 'vscode-languageserver/node';
import type { Log } from '../../util/log';
import type { Client } from '../connection/client';

/** Keystrokes within this time are looked at once. It is counted from the first one, so it never grows with typing. */
const DELAY_MS = 200;

export class LinkFindingsFeed {
  private readonly due = new Set<string>();
  private isArmed = false;
  /** Documents that the client shows findings of. */
  private readonly told = new Set<string>();
  /** The newest look at each document: what an older one found is not told, nor what was found of a closed one. */
  private readonly looks = new Map<string, object>();

  constructor(
    private readonly client: Pick<Client, 'abilities' | 'connection' | 'refresher' | 'timers'>,
    private readonly findings: (uri: string) => Promise<Diagnostic[]>,
    private readonly log: Log,
  ) {}

  textChanged(uri: string): void {
    if (!this.client.abilities.pullsDiagnostics) this.schedule([uri]);
  }

  /** Something else that findings speak of: files, settings. */
  surroundingsChanged(uris: readonly string[]): void {
    if (this.client.abilities.pullsDiagnostics) this.client.refresher.request('diagnostics');
    else this.schedule(uris);
  }

  closed(uri: string): void {
    this.due.delete(uri);
    this.looks.delete(uri);
    if (this.told.delete(uri)) this.send(uri, []);
  }

  private schedule(uris: readonly string[]): void {
    for (const uri of uris) this.due.add(uri);
    if (this.isArmed || this.due.size === 0) return;
    this.isArmed = true;
    this.client.timers.after(DELAY_MS, () => {
      this.isArmed = false;
      const due = [...this.due];
      this.due.clear();
      for (const uri of due) {
        this.check(uri).catch((error: unknown) =>
          this.log('warn', 'lsp.request', `findings of ${uri}: ${String(error)}`)
        );
      }
    });
  }

  private async check(uri: string): Promise<void> {
    const look = {};
    this.looks.set(uri, look);
    const items = await this.findings(uri);
    if (this.looks.get(uri) !== look) return;
    if (items.length > 0) this.told.add(uri);
    else if (!this.told.delete(uri)) return;
    this.send(uri, items);
  }

  private send(uri: string, diagnostics: Diagnostic[]): void {
    void this.client.connection.sendDiagnostics({ uri, diagnostics }).catch(() => undefined);
  }
}
