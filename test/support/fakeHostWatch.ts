/** Builds the fake host and watches its processes come and go. */
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';

/** @returns Path of the bundled fake host in `folder`. */
export async function buildFakeHost(folder: string): Promise<string> {
  const outfile = path.join(folder, 'fakeHost.js');
  await build({
    entryPoints: [path.resolve('test/support/fakeHost.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
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
  private readonly waiting: (() => void)[] = [];
  private readonly sockets = new Set<net.Socket>();

  private constructor(private readonly server: net.Server) {
    server.on('connection', socket => {
      this.sockets.add(socket);
      const ended = new Promise<void>(resolve => socket.once('close', () => resolve()));
      socket.on('error', () => undefined);
      socket.once('data', data => {
        this.started.push({ pid: Number(data.toString().trim()), ended });
        for (const look of this.waiting) look();
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

  /** The process of this id, as soon as it has reported. */
  of(pid: number): Promise<WatchedHost> {
    return new Promise(resolve => {
      const look = () => {
        const host = this.started.find(candidate => candidate.pid === pid);
        if (host !== undefined) resolve(host);
      };
      this.waiting.push(look);
      look();
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
