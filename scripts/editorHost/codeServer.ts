/** Starts the real VS Code server on the loopback interface, in a home folder of its own. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Quiet, without network and without anything that covers what a test clicks on. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'explorer.autoReveal': false,
  'workbench.hover.delay': 60_000,
  'workbench.reduceMotion': 'on',
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
};
const restrictedSettings = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};
const startLimitMs = 60_000;
const installLimitMs = 120_000;
const stopLimitMs = 5_000;

export interface CodeServerOptions {
  /** User settings on top of the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Those of the scope `machine`, which a remote editor takes from nowhere else. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Environment of the server, the extension host and everything that the extension starts. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Lets the workbench run an extension's suite. It then shows no notifications and refuses dialogs, so it is off where
   * a person is imitated.
   */
  readonly runsSuite?: boolean;
  /** Absolute folder of an extension that is there as if it had been installed. */
  readonly installed?: string;
  /** Absolute path of a VSIX that the server's own command installs first. */
  readonly vsix?: string;
  /** True: the workspace opens in Restricted Mode. */
  readonly isRestricted?: boolean;
  /** Absolute folders of further extensions. */
  readonly alsoInstalled?: readonly string[];
}

export interface CodeServer {
  /** Host and port, as `vscode-remote:` URIs name it. */
  readonly authority: string;
  readonly origin: string;
  /** What the server and the extension host wrote so far, for the message of a failed test. */
  log(): string;
  /** Puts user settings on top of the quiet ones, in place of those that were there, also what a window has changed. */
  setSettings(settings: NonNullable<CodeServerOptions['settings']>): void;
  /** Ends the server with everything that it started, and removes its folder. */
  stop(): Promise<void>;
}

/**
 * @throws Error without the environment that install.mjs beside it hands to the tests, or with the
 *   server's own words when it does not start.
 */
export async function startCodeServer(options: CodeServerOptions = {}): Promise<CodeServer> {
  const node = fromInstaller('PALIGEMMA_TEST_NODE24');
  // Short: a unix socket lies in it, whose path must stay under 108 characters.
  const home = mkdtempSync(path.join(tmpdir(), 'cs-'));
  const child = spawn(node, [fromInstaller('PALIGEMMA_TEST_CODE_SERVER'), ...arguments_(home, options)], {
    // A group of its own, so that everything that it starts ends with it.
    env: environment(home, node, options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const forget = endWithThisProcess(child);
  const logFile = path.join(home, 'server.log');
  const stop = async () => {
    await end(child);
    forget();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const origin = await listening(child, logFile);
    return {
      origin,
      authority: new URL(origin).host,
      log: () => readFileSync(logFile, 'utf8'),
      setSettings: settings => writeSettings(home, { ...options, settings }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A variable that the installer sets for the test processes. */
export function fromInstaller(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run the editor tests with "node scripts/test.mjs editor".`);
  }
  return value;
}

function writeSettings(home: string, { isRestricted = false, settings }: CodeServerOptions): void {
  const folder = path.join(home, 'user-data/User');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'settings.json'),
    JSON.stringify({ ...quietSettings, ...(isRestricted ? restrictedSettings : {}), ...settings }, undefined, 2),
  );
}

function arguments_(home: string, options: CodeServerOptions): string[] {
  const userData = path.join(home, 'user-data');
  const extensions = path.join(home, 'extensions');
  const config = path.join(home, 'config.yaml');
  mkdirSync(extensions);
  writeSettings(home, options);
  if (options.machineSettings !== undefined) {
    mkdirSync(path.join(userData, 'Machine'), { recursive: true });
    writeFileSync(path.join(userData, 'Machine/settings.json'), JSON.stringify(options.machineSettings));
  }
  writeFileSync(config, 'auth: none\n');
  for (const source of [options.installed ?? [], options.alsoInstalled ?? []].flat()) {
    installExtension(source, extensions);
  }
  // The config is named, else the server writes one into the real home folder.
  const places = ['--config', config, '--user-data-dir', userData, '--extensions-dir', extensions];
  if (options.vsix !== undefined) installVsix(options.vsix, places, home);
  return [
    ...places,
    '--auth',
    'none',
    '--bind-addr',
    '127.0.0.1:0',
    '--disable-telemetry',
    '--disable-update-check',
    ...(options.isRestricted === true ? [] : ['--disable-workspace-trust']),
    '--disable-getting-started-override',
    '--disable-proxy',
    '--ignore-last-opened',
    // A built VS Code takes an extension's tests only with this driver switched on.
    ...(options.runsSuite === true ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
}

/**
 * Copies what the extension's manifest names as its files, so that a file missing there is missing here too. Packages
 * are linked: the package brings its own.
 */
function installExtension(source: string, extensions: string): void {
  const manifest = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly publisher: string;
    readonly version: string;
    readonly files?: readonly string[];
  };
  const target = path.join(extensions, `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  const always = readdirSync(source).filter(name => /^package(\.nls.*)?\.json$/.test(name) || name === 'l10n');
  for (const file of new Set([...always, ...manifest.files ?? []])) {
    if (existsSync(path.join(source, file))) {
      cpSync(path.join(source, file), path.join(target, file), { recursive: true });
    }
  }
  if (existsSync(path.join(source, 'node_modules'))) {
    symlinkSync(path.join(source, 'node_modules'), path.join(target, 'node_modules'), 'junction');
  }
}

/** @throws Error with the server's own words, for example where the package is made for another platform. */
function installVsix(file: string, places: readonly string[], home: string): void {
  const node = fromInstaller('PALIGEMMA_TEST_NODE24');
  const { status, stdout, stderr } = spawnSync(node, [
    fromInstaller('PALIGEMMA_TEST_CODE_SERVER'),
    ...places,
    '--install-extension',
    file,
  ], {
    encoding: 'utf8',
    env: environment(home, node, {}),
    timeout: installLimitMs,
  });
  if (status !== 0 || !stdout.includes('successfully installed')) {
    throw new Error(`${file} was not installed (code ${status ?? 'none'}):\n${stdout}${stderr}`);
  }
}

function environment(home: string, node: string, extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|CODE_SERVER|NODE_OPTIONS$|NODE_TEST_|npm_|PALIGEMMA_TEST_TALLY$|.*_proxy$)/i;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  return {
    ...inherited,
    HOME: home,
    TMPDIR: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    // Without a gallery nothing asks the network.
    EXTENSIONS_GALLERY: '{}',
    PATH: `${path.dirname(node)}:${process.env['PATH'] ?? ''}`,
    ...extra,
  };
}

function listening(child: ChildProcess, logFile: string): Promise<string> {
  const log = createWriteStream(logFile);
  return new Promise((resolve, reject) => {
    let output = '';
    const limit = setTimeout(
      () => reject(new Error(`code-server did not listen within ${startLimitMs / 1000} s:\n${output}`)),
      startLimitMs,
    );
    const read = (data: Buffer) => {
      log.write(data);
      output += data.toString('utf8');
      const origin = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (origin !== undefined) {
        clearTimeout(limit);
        resolve(origin);
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', code => {
      clearTimeout(limit);
      reject(new Error(`code-server ended with code ${code ?? 'none'}:\n${output}`));
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  const exited = child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise(resolve => child.once('exit', resolve));
  kill(child, 'SIGTERM');
  const patience = new AbortController();
  await Promise.race([
    exited,
    new Promise(resolve => {
      const timer = setTimeout(resolve, stopLimitMs);
      patience.signal.addEventListener('abort', () => clearTimeout(timer));
    }),
  ]);
  patience.abort();
  kill(child, 'SIGKILL');
}

/** The group does not hear what the runner sends to this process: hand it on. */
function endWithThisProcess(child: ChildProcess): () => void {
  const onExit = () => kill(child, 'SIGKILL');
  const onSignal = () => process.exit(1);
  process.once('exit', onExit).once('SIGTERM', onSignal).once('SIGINT', onSignal);
  return () => process.off('exit', onExit).off('SIGTERM', onSignal).off('SIGINT', onSignal);
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
