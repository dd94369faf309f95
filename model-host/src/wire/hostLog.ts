/** The host's log: records that the server shows; nothing is printed here. */
import type { LogLevel, LogRecord, LogScope } from '../contract/protocol';

export class HostLog {
  constructor(private readonly send: (record: LogRecord) => void) {}

  info(scope: LogScope, message: string): void {
    this.write('info', scope, message);
  }

  trace(scope: LogScope, message: string): void {
    this.write('trace', scope, message);
  }

  warn(scope: LogScope, message: string): void {
    this.write('warn', scope, message);
  }

  /** The stack goes to the log only; the person gets a sentence. */
  error(scope: LogScope, error: unknown): void {
    this.write('error', scope, error instanceof Error ? error.stack ?? error.message : String(error));
  }

  private write(level: LogLevel, scope: LogScope, message: string): void {
    this.send({ level, scope, message });
  }
}
