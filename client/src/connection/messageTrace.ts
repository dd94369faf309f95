/** Where the messages of the language server are traced to: the log, without the keys in them. */
import type { LogOutputChannel } from 'vscode';
import { withoutSecretFields } from '../common/secretFields';

/**
 * Anybody's settings may switch the trace of a language client on (`paligemma.trace.server`), also those of a workspace,
 * and its messages hold the keys of servers.
 */
export function messageTrace(log: LogOutputChannel): LogOutputChannel {
  return {
    name: log.name,
    get logLevel() {
      return log.logLevel;
    },
    onDidChangeLogLevel: log.onDidChangeLogLevel,
    trace: (message, ...args: unknown[]) => {
      log.trace(withoutSecretFields([message, ...args].map(String).join(' ')));
    },
    debug: (message, ...args: unknown[]) => {
      log.debug(message, ...args);
    },
    info: (message, ...args: unknown[]) => {
      log.info(message, ...args);
    },
    warn: (message, ...args: unknown[]) => {
      log.warn(message, ...args);
    },
    error: (message, ...args: unknown[]) => {
      log.error(message, ...args);
    },
    append: value => {
      log.append(value);
    },
    appendLine: value => {
      log.appendLine(value);
    },
    replace: value => {
      log.replace(value);
    },
    clear: () => {
      log.clear();
    },
    show: () => {
      log.show();
    },
    hide: () => {
      log.hide();
    },
    // The log is the extension's, and outlives the client.
    dispose: () => undefined,
  };
}
