/**
 * An editor: a server and a browser. Test files of one process share those that are started alike, and get a window, the
 * settings and a cache with nothing but converted models each.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { startCodeServer } from '../../../scripts/editorHost/codeServer';
import type { CodeServer, CodeServerOptions } from '../../../scripts/editorHost/codeServer';
import { processesOf, until } from '../processes';
import { launchBrowser } from './browser';

export interface Editor {
  readonly server: CodeServer;
  readonly browser: Browser;
  /** After its window was closed: ends the editor, or makes it ready for the next file. */
  readonly release: () => Promise<void>;
}

interface SharedEditor {
  readonly editor: Editor;
  readonly stop: () => Promise<void>;
}

/** By how they are started. scripts/testing/together.cjs has it where files share a process, and stops what is in it. */
const shelf = (globalThis as Record<symbol, unknown>)[Symbol.for('paligemma.tests.shared')] as
  | Map<string, SharedEditor>
  | undefined;
/** For the processes of a window that was closed; generous, because the machine may be busy. */
const goneMs = 30_000;
/** What the cache keeps: converted models, and which of their files were found whole. */
const kept = ['converted', 'checked'];

export async function takeEditor(options: CodeServerOptions): Promise<Editor> {
  if (shelf === undefined) return startOwn(options);
  const { settings, env: { PALIGEMMA_CACHE: _, ...env } = {}, ...rest } = options;
  const key = JSON.stringify([env, rest]);
  const shared = shelf.get(key) ?? await startShared(options);
  shelf.set(key, shared);
  shared.editor.server.setSettings(settings ?? {});
  return shared.editor;
}

async function startOwn(options: CodeServerOptions): Promise<Editor> {
  const server = await startCodeServer(options);
  try {
    const browser = await launchBrowser();
    const release = async () => {
      await browser.close();
      await server.stop();
    };
    return { server, browser, release };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function startShared(options: CodeServerOptions): Promise<SharedEditor> {
  const cache = mkdtempSync(path.join(tmpdir(), 'paligemma-editor-'));
  const { server, browser, release: stop } = await startOwn({
    ...options,
    env: { ...options.env, PALIGEMMA_CACHE: cache },
  });
  const isOfWindow = (text: string) => processesOf(text, `PALIGEMMA_CACHE=${cache}`).length > 0;
  const release = async () => {
    await until(
      'the end of the processes of a closed window',
      goneMs,
      () => isOfWindow('--type=extensionHost') || isOfWindow(path.join('dist', '')) ? undefined : true,
    );
    for (const name of readdirSync(cache)) {
      if (!kept.includes(name)) rmSync(path.join(cache, name), { recursive: true, force: true });
    }
  };
  return {
    editor: { server, browser, release },
    stop: async () => {
      await stop();
      rmSync(cache, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
