/** Runs the arithmetic of a conversion in worker threads, so that reading, computing and writing overlap. */
import { createHash } from 'node:crypto';
// eslint-disable-next-line no-restricted-imports -- Files that this process has just made, also from a worker.
import { closeSync, openSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { convertPiece, kernelFunctions, type Piece, type StoredPiece } from './kernels';

type Job = { readonly piece: Piece } | { readonly file: string };
type Answer = StoredPiece | string;

interface Waiting {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export class KernelPool {
  private readonly workers: readonly Worker[];
  private readonly idle: Worker[];
  private readonly queue: Waiting[] = [];
  private readonly running = new Map<Worker, Waiting>();

  /** @param threads 0: everything in the calling thread, which is quicker for small models. */
  constructor(threads: number) {
    this.workers = Array.from({ length: threads }, () => new Worker(workerSource(), { eval: true }));
    this.idle = [...this.workers];
    for (const worker of this.workers) {
      worker.on('message', (answer: Answer | { readonly failure: unknown }) => {
        const waiting = this.running.get(worker);
        this.running.delete(worker);
        this.idle.push(worker);
        if (typeof answer === 'object' && 'failure' in answer) waiting?.reject(answer.failure);
        else waiting?.resolve(answer);
        this.startNext();
      });
      // Only a worker that cannot start or has no memory left ends by itself.
      worker.on('error', error => this.fail(error));
    }
  }

  /** Pieces that can be computed at once. */
  get width(): number {
    return Math.max(1, this.workers.length);
  }

  async convert(piece: Piece): Promise<StoredPiece> {
    return this.workers.length === 0 ? convertPiece(piece) : (await this.ask({ piece })) as StoredPiece;
  }

  /** SHA-256 of a file's content, hexadecimal. @throws what the file system throws. */
  async hash(file: string): Promise<string> {
    return this.workers.length === 0
      ? sha256OfFile(file, { openSync, readSync, closeSync, createHash })
      : (await this.ask({ file })) as string;
  }

  /** Ends the threads; what is still waiting fails. */
  async close(): Promise<void> {
    this.fail(new Error('the conversion has ended'));
    await Promise.allSettled(this.workers.map(worker => worker.terminate()));
  }

  private ask(job: Job): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.queue.push({ job, resolve, reject });
      this.startNext();
    });
  }

  private startNext(): void {
    const worker = this.queue.length > 0 ? this.idle.pop() : undefined;
    const waiting = worker === undefined ? undefined : this.queue.shift();
    if (worker === undefined || waiting === undefined) return;
    this.running.set(worker, waiting);
    const isWholeBuffer = 'piece' in waiting.job
      && waiting.job.piece.bytes.byteLength === waiting.job.piece.bytes.buffer.byteLength;
    worker.postMessage(
      waiting.job,
      'piece' in waiting.job && isWholeBuffer ? [waiting.job.piece.bytes.buffer as ArrayBuffer] : [],
    );
  }

  private fail(error: Error): void {
    for (const { reject } of [...this.queue.splice(0), ...this.running.values()]) reject(error);
    this.running.clear();
  }
}

interface FileModules {
  readonly openSync: typeof openSync;
  readonly readSync: typeof readSync;
  readonly closeSync: typeof closeSync;
  readonly createHash: typeof createHash;
}

/** Runs in a worker too: see {@link kernelFunctions}. */
function sha256OfFile(file: string, modules: FileModules): string {
  const hash = modules.createHash('sha256');
  const buffer = new Uint8Array(2 ** 20);
  const handle = modules.openSync(file, 'r');
  try {
    for (;;) {
      const count = modules.readSync(handle, buffer);
      if (count === 0) return hash.digest('hex');
      hash.update(count === buffer.length ? buffer : buffer.subarray(0, count));
    }
  } finally {
    modules.closeSync(handle);
  }
}

/**
 * A program of its own made of the functions' texts: no file of the bundle could be started as a worker without running
 * its main program.
 */
function workerSource(): string {
  return `'use strict';
const { parentPort } = require('node:worker_threads');
const modules = { ...require('node:fs'), ...require('node:crypto') };
${[...kernelFunctions, sha256OfFile].map(String).join('\n')}
parentPort.on('message', job => {
  try {
    const answer = job.piece === undefined ? ${sha256OfFile.name}(job.file, modules) : ${convertPiece.name}(job.piece);
    const buffers = job.piece === undefined ? [] : [answer.data, answer.scales].filter(Boolean).map(array => array.buffer);
    parentPort.postMessage(answer, [...new Set(buffers)]);
  } catch (failure) {
    parentPort.postMessage({ failure });
  }
});`;
}
