/** Messages over the channel to another process of Node.js. */
import { AbstractMessageWriter, type Message } from 'vscode-jsonrpc/node';

/** A process with a channel: this one, or a child. */
export type Channel = Pick<NodeJS.Process, 'send'> & {
  on(event: 'error', listener: (error: Error) => void): unknown;
};

/**
 * As the library's own writer, but that a write is over when the system has taken the message and not when it was put
 * into a queue: so whoever sends can tell that nobody reads.
 */
export class IpcWriter extends AbstractMessageWriter {
  private failures = 0;

  constructor(private readonly channel: Channel) {
    super();
    channel.on('error', error => this.fireError(error));
  }

  /** Never rejects: what could not be sent is told by the event of errors, as the channel’s end is. */
  write(message: Message): Promise<void> {
    return new Promise(resolve => {
      const done = (error: Error | null) => {
        if (error === null) this.failures = 0;
        else this.fireError(error, message, ++this.failures);
        resolve();
      };
      try {
        if (this.channel.send === undefined) resolve();
        else this.channel.send(message, undefined, undefined, done);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  end(): void {
    // The channel ends with the process.
  }
}
