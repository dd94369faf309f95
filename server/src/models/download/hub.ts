/** The Hugging Face hub, or a mirror of it: what a repository holds, and its files from any byte on. */
import * as l10n from '@vscode/l10n';
import { isConfidential } from '../../../../paligemma/src/addresses';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import { isRecord } from '../../../../paligemma/src/checks';
import type { Timers } from '../../util/timers';
import type { Digest, HubFile } from '../folders/hubFile';
import { refused, RepositoryChanged, unexpected, webPage } from './downloadFailures';
import { ConnectionFailure, type HttpAnswer, type HttpClient } from './hubHttp';
import { BusyFailure, readRetryAfter, withRetries } from './retries';

export interface Repository {
  readonly id: string;
  /** As asked for: branch, tag or commit. */
  readonly revision: string;
  readonly commit: string;
  /** Files of the top folder. */
  readonly files: readonly HubFile[];
}

export interface HubOptions {
  readonly endpoint: URL;
  readonly http: HttpClient;
  readonly timers: Timers;
  /** Date in milliseconds, for `Retry-After`. */
  readonly now: () => number;
  readonly accessToken: string | undefined;
  readonly onWait?: (waitMs: number, reason: string) => void;
}

export interface OpenFile {
  /** The byte that comes first: `offset` as asked, or 0 where the server starts over. */
  readonly start: number;
  /** Strong tag for {@link Hub.open}; undefined where the server gives none. */
  readonly etag: string | undefined;
  readonly answer: HttpAnswer;
}

/** Larger answers are no list of files. */
const LONGEST_LIST = 16 << 20;

export class Hub {
  readonly endpoint: URL;

  /** @throws Failure `environmentInvalid` where the token would travel in the clear. */
  constructor(private readonly options: HubOptions) {
    this.endpoint = options.endpoint;
    if (options.accessToken !== undefined && !isConfidential(this.endpoint)) {
      throw new Failure(
        'environmentInvalid',
        l10n.t(
          'HF_ENDPOINT {0} is not encrypted, and the access token would be readable on the way. Use an https address, or remove the token (HF_TOKEN, “hf auth logout”).',
          this.endpoint.origin,
        ),
      );
    }
  }

  /**
   * @throws Failure modelMissing (also as AccessRefused), weightsMissing; ConnectionFailure, BusyFailure after
   * several tries; CancelledError.
   */
  repository(id: string, revision: string, token: CancellationToken): Promise<Repository> {
    const url = this.url(`api/models/${id}/revision/${encodeURIComponent(revision)}`);
    url.searchParams.set('blobs', 'true');
    return this.retried(token, async () => {
      const value = await withSignal(token, async signal => {
        const answer = await this.get(url, { id, revision, signal });
        return readJson(answer);
      });
      return readRepository(value, id, revision, this.endpoint.host);
    });
  }

  /**
   * Opens a file at `offset`; `etag` is that of the earlier part, so that a changed file starts over.
   * @throws as {@link repository}, and RepositoryChanged where the server now promises other contents than the list
   *   did.
   */
  async open(
    repository: Repository,
    file: HubFile,
    part: { readonly offset: number; readonly etag: string | undefined },
    signal: AbortSignal,
  ): Promise<OpenFile> {
    const { id, revision, commit } = repository;
    const url = this.url(`${id}/resolve/${encodeURIComponent(commit)}/${encodeURIComponent(file.name)}`);
    const { offset } = part;
    const headers = offset === 0
      ? {}
      : { range: `bytes=${offset}-`, ...(part.etag === undefined ? {} : { 'if-range': part.etag }) };
    const answer = await this.get(url, { id, revision, signal, headers, allows: [200, 206, 416] });
    if (/^text\/html\b/i.test(answer.headers['content-type'] ?? '')) return fail(answer, webPage(answer.url.host));
    if (promisesOther(answer, file)) {
      return fail(answer, new RepositoryChanged(l10n.t('{0} was changed on the server.', file.name)));
    }
    // The part is longer than the file: it belongs to something else.
    if (answer.status === 416) {
      answer.discard();
      if (offset === 0) throw unexpected(answer.url.host, l10n.t('{0} has no contents.', file.name));
      return this.open(repository, file, { offset: 0, etag: undefined }, signal);
    }
    return {
      start: answer.status === 200 ? startOfWhole(answer, file) : startOfPart(answer, file, offset),
      etag: strongTag(answer.headers.etag),
      answer,
    };
  }

  retried<T>(token: CancellationToken, work: () => Promise<T>, progress?: () => number): Promise<T> {
    const { timers, onWait } = this.options;
    return withRetries(work, {
      timers,
      token,
      ...(progress === undefined ? {} : { progress }),
      ...(onWait === undefined ? {} : { onWait }),
    });
  }

  private url(pathName: string): URL {
    return new URL(`${this.endpoint.href.replace(/\/$/, '')}/${pathName}`);
  }

  private async get(
    url: URL,
    { id, revision, signal, headers, allows = [200] }: {
      readonly id: string;
      readonly revision: string;
      readonly signal: AbortSignal;
      readonly headers?: Readonly<Record<string, string>>;
      readonly allows?: readonly number[];
    },
  ): Promise<HttpAnswer> {
    const { http, accessToken, now } = this.options;
    const answer = await http.get(url, { token: accessToken, signal, ...(headers === undefined ? {} : { headers }) });
    const { status } = answer;
    if (allows.includes(status)) return answer;
    answer.discard();
    const { host } = answer.url;
    if (status === 429) {
      throw new BusyFailure(
        l10n.t('{0} allows no more downloads for now (429).', host),
        readRetryAfter(answer.headers['retry-after'], now()),
      );
    }
    if (status === 408 || status >= 500) {
      throw new BusyFailure(
        l10n.t('{0} cannot answer right now ({1}).', host, status),
        readRetryAfter(answer.headers['retry-after'], now()),
      );
    }
    const code = answer.headers['x-error-code'];
    // Also the storage behind the hub refuses: its links are short-lived, and a new one is made by asking again.
    if (answer.url.origin !== this.endpoint.origin && (status === 401 || status === 403)) {
      throw new ConnectionFailure(l10n.t('{0} refused the link that the hub gave ({1}).', host, status));
    }
    if ([401, 403, 404].includes(status)) {
      throw refused({
        id,
        revision,
        endpoint: this.endpoint,
        status,
        code: typeof code === 'string' ? code : undefined,
        hadToken: accessToken !== undefined,
      });
    }
    throw unexpected(host, l10n.t('Its status is {0}.', status));
  }
}

/** Runs `work` with a signal that follows `token`. */
export async function withSignal<T>(token: CancellationToken, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    subscription.dispose();
  }
}

function fail(answer: HttpAnswer, error: Error): never {
  answer.discard();
  throw error;
}

/** @throws RepositoryChanged */
function startOfWhole(answer: HttpAnswer, file: HubFile): 0 {
  const length = answer.headers['content-length'];
  if (length !== undefined && Number(length) !== file.bytes) {
    return fail(answer, new RepositoryChanged(otherLength(file, length)));
  }
  return 0;
}

function otherLength({ name, bytes }: HubFile, length: string): string {
  return l10n.t('{0} has {1} bytes instead of {2}.', name, length, bytes);
}

/** @throws RepositoryChanged; Failure weightsMissing where the server sends a part other than the one asked for. */
function startOfPart(answer: HttpAnswer, file: HubFile, offset: number): number {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
  if (range === null || Number(range[1]) !== offset) {
    return fail(answer, unexpected(answer.url.host, l10n.t('It is not the part of the file that was asked for.')));
  }
  if (range[2] !== '*' && Number(range[2]) !== file.bytes) {
    return fail(answer, new RepositoryChanged(otherLength(file, range[2] ?? '')));
  }
  return offset;
}

async function readJson(answer: HttpAnswer): Promise<unknown> {
  const blocks: Buffer[] = [];
  let bytes = 0;
  for await (const block of answer.chunks()) {
    bytes += block.length;
    if (bytes > LONGEST_LIST) throw unexpected(answer.url.host, l10n.t('The list of files does not end.'));
    blocks.push(block);
  }
  const text = Buffer.concat(blocks).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw /^\s*</.test(text)
      ? webPage(answer.url.host)
      : unexpected(answer.url.host, l10n.t('The list of files is not JSON.'));
  }
}

/** Source: the hub's API, `GET /api/models/{id}/revision/{revision}?blobs=true`. */
function readRepository(value: unknown, id: string, revision: string, host: string): Repository {
  if (
    !isRecord(value) || typeof value['sha'] !== 'string' || !/^[0-9a-f]{40}$/.test(value['sha'])
    || !Array.isArray(value['siblings'])
  ) throw unexpected(host, l10n.t('The list of files names no commit.'));
  const files = (value['siblings'] as unknown[]).flatMap(entry => {
    if (!isRecord(entry) || typeof entry['rfilename'] !== 'string' || entry['rfilename'].includes('/')) return [];
    const lfs = isRecord(entry['lfs']) ? entry['lfs'] : {};
    const bytes = lfs['size'] ?? entry['size'];
    if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return [];
    return [{
      name: entry['rfilename'],
      bytes,
      digest: digestOf('sha256', lfs['sha256'], 64) ?? digestOf('gitSha1', entry['blobId'], 40),
    }];
  });
  return { id, revision, commit: value['sha'], files };
}

function digestOf(algorithm: Digest['algorithm'], hex: unknown, digits: number): Digest | undefined {
  return typeof hex === 'string' && hex.length === digits && /^[0-9a-f]+$/.test(hex) ? { algorithm, hex } : undefined;
}

/** `x-linked-etag` is the SHA-256 of a large file, before the redirect to where it is stored. */
function promisesOther({ firstHeaders }: HttpAnswer, { digest }: HubFile): boolean {
  const linked = firstHeaders['x-linked-etag'];
  const hex = typeof linked === 'string' ? linked.replace(/^W\/|"/g, '') : '';
  return digest?.algorithm === 'sha256' && /^[0-9a-f]{64}$/.test(hex) && hex !== digest.hex;
}

/** Weak tags do not promise equal bytes. Source: RFC 9110 §13.1.5. */
function strongTag(etag: string | undefined): string | undefined {
  return etag !== undefined && etag.startsWith('"') ? etag : undefined;
}
