/** The connection to the client, by whatever way the arguments name, and its end where nobody reads it. */
import { Console } from 'node:console';
import net from 'node:net';
import { Writable } from 'node:stream';
import {
  createConnection,
  IPCMessageReader,
  ProposedFeatures,
  type Connection,
  type Message,
} from 'vscode-languageserver/node';
import { IpcWriter } from '../../../../system/src/ipcWriter';
import { systemTimers } from '../../util/timers';
import { UnreadLimit } from './unreadLimit';

/** What is written at a time: so that the system accepts a large message bit by bit, as it is read. */
const PIECE_BYTES = 1 << 20;

/**
 * @param args `--stdio`, `--node-ipc`, `--socket=PORT` or `--pipe=NAME`, the last two also as two words. The process
 *   ends with the client. @throws Error where none of them is there.
 */
export function clientConnection(args: readonly string[]): Connection {
  if (args.includes('--node-ipc')) {
    return createConnection(ProposedFeatures.all, new IPCMessageReader(process), new WatchedIpcWriter());
  }
  if (args.includes('--stdio')) {
    // Whatever libraries print would lie between the messages.
    globalThis.console = new Console(process.stderr);
    return createConnection(ProposedFeatures.all, process.stdin, new WatchedOutput(process.stdout));
  }
  const port = valueOf('--socket', args);
  const socket = port === undefined ? pipeNamed(valueOf('--pipe', args)) : net.connect(Number(port), '127.0.0.1');
  return createConnection(ProposedFeatures.all, socket, new WatchedOutput(socket));
}

function valueOf(option: string, args: readonly string[]): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? args.find(arg => arg.startsWith(`${option}=`))?.slice(option.length + 1) : args[at + 1];
}

function pipeNamed(name: string | undefined): net.Socket {
  if (name !== undefined) return net.connect(name);
  throw new Error('The language server needs --stdio, --node-ipc, --socket=PORT or --pipe=NAME.');
}

/** Hands everything on at once, and keeps an eye on what waits there. */
class WatchedOutput extends Writable {
  private written = 0;
  private readonly limit = new UnreadLimit(
    () => ({ waiting: this.output.writableLength, taken: this.written - this.output.writableLength }),
    systemTimers,
    endUnread,
  );

  constructor(private readonly output: Writable) {
    super();
    // Its reader is gone.
    output.on('error', () => process.exit(1));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written += chunk.length;
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) this.output.write(chunk.subarray(at, at + PIECE_BYTES));
    this.limit.look();
    done();
  }

  override _final(done: () => void): void {
    this.output.end(done);
  }
}

class WatchedIpcWriter extends IpcWriter {
  private waiting = 0;
  private taken = 0;
  private readonly limit = new UnreadLimit(
    () => ({ waiting: this.waiting, taken: this.taken }),
    systemTimers,
    endUnread,
  );

  constructor() {
    super(process);
  }

  override async write(message: Message): Promise<void> {
    // Put into words once more only where the client lags behind.
    const length = this.waiting === 0 ? 1 : JSON.stringify(message).length;
    this.waiting += length;
    this.limit.look();
    await super.write(message);
    this.waiting -= length;
    this.taken += length;
  }
}

/** Over the connection nobody would read it. */
function endUnread(): void {
  process.stderr.write(
    'The client of the language server of PaliGemma 2 reads no answers any more; the server ends.\n',
  );
  process.exit(1);
}
