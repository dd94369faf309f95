/** The client's settings, by whichever way it offers them, always checked. */
import { DidChangeConfigurationNotification, type Connection, type InitializeParams } from 'vscode-languageserver/node';
import { defaultSettings, parseSettings, type Settings } from '../contract/settings';
import { Listeners } from '../util/listeners';
import type { Log } from '../util/log';

const SECTION = 'paligemma';

export class Configuration {
  private current: Settings = defaultSettings;
  private initial: unknown;
  private canPull = false;
  private canRegister = false;
  private loading: Promise<void> | undefined;
  private readonly listeners = new Listeners<Settings>();
  private reported = '';

  constructor(private readonly connection: Connection, private readonly log: Log) {}

  /** The last settings known. */
  get settings(): Settings {
    return this.current;
  }

  /** Resolves once the first settings are there; a run waits for it. */
  get ready(): Promise<void> {
    return this.loading ?? Promise.resolve();
  }

  onDidChange(listener: (settings: Settings) => void): void {
    this.listeners.add(listener);
  }

  initialize({ capabilities, initializationOptions }: InitializeParams): void {
    this.canPull = capabilities.workspace?.configuration === true;
    this.canRegister = capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
    this.initial = settingsIn(initializationOptions);
    this.use(this.initial);
  }

  /** Call after `initialized`. */
  listen(): void {
    this.connection.onDidChangeConfiguration(({ settings }: { settings: unknown }) => {
      if (this.canPull) this.loading = this.pull();
      else this.use(settingsIn(settings) ?? this.initial);
    });
    if (!this.canPull) return;
    this.loading = this.pull();
    if (this.canRegister) {
      this.connection.client.register(DidChangeConfigurationNotification.type, { section: SECTION })
        .catch((error: unknown) =>
          this.log('warn', 'server.settings', `The client does not report changed settings: ${String(error)}`)
        );
    }
  }

  private async pull(): Promise<void> {
    try {
      const value: unknown = await this.connection.workspace.getConfiguration(SECTION);
      this.use(value ?? this.initial);
    } catch (error) {
      this.log('warn', 'server.settings', `The client did not tell its settings: ${String(error)}`);
    }
  }

  private use(value: unknown): void {
    const { settings, problems } = parseSettings(value);
    const report = problems.join('\n');
    if (report !== this.reported) { for (const problem of problems) this.log('warn', 'server.settings', problem); }
    this.reported = report;
    if (JSON.stringify(settings) === JSON.stringify(this.current)) return;
    this.current = settings;
    this.listeners.fire(settings);
  }
}

/** Clients nest them differently: as they are, below `paligemma`, or below `settings`. */
function settingsIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (SECTION in value) return value[SECTION];
  return 'settings' in value ? settingsIn(value.settings) ?? value.settings : value;
}
