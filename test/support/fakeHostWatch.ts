/** Builds the fake host and watches its processes come and go. */
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';

/** @returns Path of the bundled fake host in `folder`. */
export async function buildFakeHost(folder: string): Promise<string> {
  const outfile = path.join(folder, 'fakeHost.js');
  await build({ entryPoints: [path.resolve('test/support/fakeHost.ts')], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' });
  return outfile;
}

/** One process of the fake host. */
export interface WatchedHost {
  readonly pid: number;
  /** Resolves once the process is gone: the system closed its connection. */
  readonly ended: Promise<void>;
}

/** Every fake host connects here when it starts; its connection closes when the process ends, however that happens. */
export class FakeHostWatch {
  readonly started: WatchedHost[] = [];
  private readonly waiting: ((host: WatchedHost) => void)[] = [];
  private readonly sockets = new Set<net.Socket>();
  private taken = 0;

  private constructor(private readonly server: net.Server) {
    server.on('connection', socket => {
      this.sockets.add(socket);
      const ended = new Promise<void>(resolve => socket.once('close', () => resolve()));
      socket.on('error', () => undefined);
      socket.once('data', data => {
        const host = { pid: Number(data.toString().trim()), ended };
        this.started.push(host);
        const waiter = this.waiting.shift();
        if (waiter !== undefined) {
          this.taken++;
          waiter(host);
        }
      });
    });
  }

  static async open(): Promise<FakeHostWatch> {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeHostWatch(server);
  }

  /** For the environment of whoever starts the host. */
  get environment(): { readonly FAKE_HOST_PORT: string } {
    return { FAKE_HOST_PORT: String((this.server.address() as net.AddressInfo).port) };
  }

  /** The next process that starts, or has started unnoticed. */
  next(): Promise<WatchedHost> {
    const known = this.started[this.taken];
    if (known === undefined) return new Promise(resolve => this.waiting.push(resolve));
    this.taken++;
    return Promise.resolve(known);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
