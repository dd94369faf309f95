/** Builds the parts and hands them to the editor. Nothing here starts a process: the first command or prompt file does. */
import { commands, l10n, window, workspace } from 'vscode';
import type { ExtensionContext, TextDocument } from 'vscode';
import { chooseModel } from './commands/chooseModel';
import { commandIds, runCommands } from './commands/ids';
import type { CommandName, RunCommandName } from './commands/ids';
import { runTask, taskOfCommand } from './commands/runTask';
import type { ViewState } from './contract/viewer';
import { toFailure } from './errors/failure';
import { showFailure } from './errors/showFailure';
import { PROMPT_LANGUAGE_ID, ServerClient } from './languageClient';
import { createLog } from './log';
import { ImageRuns } from './runs/imageRuns';
import { StatusItem } from './status';
import { ImageViews } from './viewer/imageViews';

/** For tests that look at what the extension shows. */
export interface ExtensionApi {
  /** State of the image view that was shown last; undefined before the first. */
  lastView(): ViewState | undefined;
}

/** What `deactivate` has to wait for; the editor calls it without arguments. */
const running = new Set<ServerClient>();

export function activate(context: ExtensionContext): ExtensionApi {
  const log = createLog();
  const client = new ServerClient(context.extensionUri, log);
  const views = new ImageViews(context.extensionUri, log);
  const status = new StatusItem(client);
  running.add(client);
  context.subscriptions.push(log, client, views, status);

  const runs = new ImageRuns(client, views, log);
  const parts = { runs, views, memory: context.workspaceState };
  const runHandlers = Object.fromEntries(runCommands.map(name =>
    [name, (...args: unknown[]) => runTask(taskOfCommand[name], args, parts)])) as Record<RunCommandName, Handler>;
  const handlers: Record<CommandName, Handler> = {
    ...runHandlers,
    chooseModel: () => chooseModel(client, log),
    unloadModel: async () => {
      await client.unloadModel();
      window.setStatusBarMessage(l10n.t('PaliGemma 2: the model was unloaded.'), 5000);
    },
    showStatus: () => status.showActions(),
    showLog: () => log.show(),
  };
  const guarded = (handler: Handler): Handler => async (...args) => {
    try { await handler(...args); } catch (error) { showFailure(toFailure(error, l10n.t), log, error); }
  };
  for (const [name, handler] of Object.entries(handlers)) {
    context.subscriptions.push(commands.registerCommand(commandIds[name as CommandName], guarded(handler)));
  }

  const startFor = (document: TextDocument) => {
    if (document.languageId !== PROMPT_LANGUAGE_ID) return;
    client.start().catch((error: unknown) => log.error(`client.process starting the language server: ${String(error)}`));
  };
  context.subscriptions.push(workspace.onDidOpenTextDocument(startFor));
  workspace.textDocuments.forEach(startFor);
  return { lastView: () => views.lastState };
}

/** Resolves when the language server has ended, and the model host with it. */
export async function deactivate(): Promise<void> {
  await Promise.all([...running].map(client => client.stop()));
  running.clear();
}

type Handler = (...args: unknown[]) => unknown;
