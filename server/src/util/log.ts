/** One log for the editor and the terminal: who writes says how grave it is and where it comes from. */
import type { LogScope as HostLogScope, LogLevel } from '../../../model-host/src/contract/protocol';

export type { LogLevel };
export type LogScope =
  | HostLogScope
  | 'server.host'
  | 'server.language'
  | 'server.models'
  | 'server.run'
  | 'server.settings'
  | 'server.store'
  | 'server.tuning'
  | 'server.workspace'
  | 'lsp.request';

/** Whole prompts and paths of pictures only at `trace`; never the content of a picture. */
export type Log = (level: LogLevel, scope: LogScope, message: string) => void;

export const silentLog: Log = () => undefined;
