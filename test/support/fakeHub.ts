/**
 * A server on 127.0.0.1 that behaves like the Hugging Face hub: the list of a repository, files behind `resolve`, large
 * ones redirected to a storage of another origin that knows ranges. `fault` plays every way to go wrong.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** Files from here on are kept in the storage. */
const LARGE_BYTES = 10_000;

export interface HubRequest {
  readonly origin: 'hub' | 'storage';
  readonly path: string;
  /** Name of the file; undefined for the list. */
  readonly file: string | undefined;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export interface FakeRepository {
  files: Readonly<Record<string, Buffer>>;
  /** Digits of the commit; changes with the contents where left out. */
  commit?: string;
  /** The token that opens it; without it the list is open and the files are not. */
  token?: string;
  /** Told for a file instead of its true hash. */
  wrongHashOf?: string;
}

/** Returns true where it answered. */
export type Fault = (request: HubRequest, response: ServerResponse, contents: Buffer | undefined) => boolean;

export class FakeHub {
  readonly requests: HubRequest[] = [];
  readonly repositories = new Map<string, FakeRepository>();
  fault: Fault = () => false;
  private readonly waiters: {
    readonly fits: (request: HubRequest) => boolean;
    readonly resolve: (request: HubRequest) => void;
  }[] = [];

  readonly endpoint: string;

  private constructor(private readonly hub: http.Server, private readonly storage: http.Server) {
    this.endpoint = originOf(hub);
    hub.on('request', (request, response) => this.answerHub(request, response));
    storage.on('request', (request, response) => this.answerStorage(request, response));
  }

  static async start(): Promise<FakeHub> {
    const servers = [http.createServer(), http.createServer()] as const;
    for (const server of servers) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return new FakeHub(...servers);
  }

  close(): void {
    for (const server of [this.hub, this.storage]) {
      server.close();
      server.closeAllConnections();
    }
  }

  add(id: string, repository: FakeRepository): FakeRepository {
    this.repositories.set(id, repository);
    return repository;
  }

  /** Requests for the contents of large files, as the storage saw them. */
  storageRequests(file?: string): readonly HubRequest[] {
    return this.requests.filter(request =>
      request.origin === 'storage' && (file === undefined || request.file === file)
    );
  }

  /** The next request that fits. */
  next(fits: (request: HubRequest) => boolean): Promise<HubRequest> {
    return new Promise(resolve => this.waiters.push({ fits, resolve }));
  }

  private note(origin: HubRequest['origin'], request: IncomingMessage, file: string | undefined): HubRequest {
    const noted: HubRequest = {
      origin,
      path: request.url ?? '',
      file,
      authorization: request.headers.authorization,
      range: request.headers.range,
      ifRange: request.headers['if-range'] as string | undefined,
    };
    this.requests.push(noted);
    for (const waiter of this.waiters.splice(0)) {
      if (waiter.fits(noted)) waiter.resolve(noted);
      else this.waiters.push(waiter);
    }
    return noted;
  }

  private answerHub(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', this.endpoint);
    const list = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(pathname);
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    const repository = this.repositories.get((list ?? resolve)?.[1] ?? '');
    const file = resolve?.[3] === undefined ? undefined : decodeURIComponent(resolve[3]);
    const noted = this.note('hub', request, file);
    const contents = file === undefined ? undefined : repository?.files[file];
    if (this.fault(noted, response, contents)) return;
    if (repository === undefined) return end(response, 404, 'Repository not found', { 'x-error-code': 'RepoNotFound' });
    if (list !== null) {
      return end(response, 200, JSON.stringify(listOf(repository)), {
        'content-type': 'application/json; charset=utf-8',
      });
    }
    if (repository.token !== undefined && noted.authorization !== `Bearer ${repository.token}`) {
      return noted.authorization === undefined
        ? end(response, 401, 'Access to this model is restricted.', { 'x-error-code': 'GatedRepo' })
        : end(response, 403, 'Access to this model is restricted and you are not in the authorized list.', {
          'x-error-code': 'GatedRepo',
        });
    }
    if (contents === undefined || file === undefined) {
      return end(response, 404, 'Entry not found', { 'x-error-code': 'EntryNotFound' });
    }
    if (resolve?.[2] !== commitOf(repository)) {
      return end(response, 404, 'Invalid rev id', { 'x-error-code': 'RevisionNotFound' });
    }
    if (contents.length < LARGE_BYTES) {
      return end(response, 200, contents, {
        'content-type': 'text/plain; charset=utf-8',
        etag: `"${gitSha1(contents)}"`,
        'x-repo-commit': commitOf(repository),
      });
    }
    end(response, 302, '', {
      location: `${originOf(this.storage)}/${resolve[1] ?? ''}/${file}?signature=1`,
      'x-linked-etag': `"${hashOf(repository, file, contents)}"`,
      'x-linked-size': String(contents.length),
    });
  }

  private answerStorage(request: IncomingMessage, response: ServerResponse): void {
    const match = /^\/([^/]+\/[^/]+)\/([^/]+)$/.exec(new URL(request.url ?? '/', this.endpoint).pathname);
    const [, id = '', file = ''] = match ?? [];
    const contents = this.repositories.get(id)?.files[file];
    const noted = this.note('storage', request, file);
    if (this.fault(noted, response, contents)) return;
    if (contents === undefined) return end(response, 404, '');
    sendRange(noted, response, contents);
  }
}

/** Answers as a storage does; `limit`: breaks the connection after so many bytes. */
export function sendRange(request: HubRequest, response: ServerResponse, contents: Buffer, limit = Infinity): void {
  const etag = `"${sha256(contents).slice(0, 32)}"`;
  const start = Number(/^bytes=(\d+)-$/.exec(request.range ?? '')?.[1] ?? NaN);
  const isPart = !Number.isNaN(start) && (request.ifRange === undefined || request.ifRange === etag);
  if (isPart && start >= contents.length) {
    return end(response, 416, '', { 'content-range': `bytes */${contents.length}` });
  }
  const body = isPart ? contents.subarray(start) : contents;
  const headers = {
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': String(body.length),
  };
  response.writeHead(
    isPart ? 206 : 200,
    isPart ? { ...headers, 'content-range': `bytes ${start}-${contents.length - 1}/${contents.length}` } : headers,
  );
  if (body.length <= limit) return void response.end(body);
  // Only when the bytes are on their way, else the client would see none of them.
  response.write(body.subarray(0, limit), () => setImmediate(() => response.destroy()));
}

export function end(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

/** The files of a folder, as a repository. */
export function filesOfFolder(folder: string): Record<string, Buffer> {
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(path.join(folder, name))]));
}

export function sha256(contents: Buffer): string {
  return createHash('sha256').update(contents).digest('hex');
}

function gitSha1(contents: Buffer): string {
  return createHash('sha1').update(`blob ${contents.length}\0`).update(contents).digest('hex');
}

function commitOf({ commit, files }: FakeRepository): string {
  return commit
    ?? createHash('sha1').update(
      JSON.stringify(Object.entries(files).map(([name, contents]) => [name, sha256(contents)])),
    ).digest('hex');
}

function hashOf({ wrongHashOf }: FakeRepository, file: string, contents: Buffer): string {
  return wrongHashOf === file ? '0'.repeat(64) : sha256(contents);
}

function listOf(repository: FakeRepository): unknown {
  const siblings = Object.entries(repository.files).map(([rfilename, contents]) => ({
    rfilename,
    size: contents.length,
    blobId: gitSha1(contents),
    ...(contents.length < LARGE_BYTES
      ? {}
      : {
        blobId: '1'.repeat(40),
        lfs: { sha256: hashOf(repository, rfilename, contents), size: contents.length, pointerSize: 135 },
      }),
  }));
  return { id: 'x', sha: commitOf(repository), gated: 'manual', siblings };
}

function originOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
