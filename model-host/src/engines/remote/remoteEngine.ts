/**
 * Runs prompts on inference servers: picture and prompt out, text in. Any number of runs at once; who asks limits them.
 */
import * as l10n from '@vscode/l10n';
import type { Timings } from '../../../../paligemma/src/runResult';
import { Failure } from '../../../../paligemma/src/failures';
import type { ServerEndpoint, ServerProbe, ServerTrace } from '../../contract/inferenceServer';
import type { GenerateResult, RemoteGenerateParams } from '../../contract/protocol';
import type { HostLog } from '../../wire/hostLog';
import { PartedPictures } from '../../image/partedPictures';
import { loadMaskDecoder, type MaskDecoder } from '../../output/maskDecoder';
import { findMaskDecoder } from '../../output/maskDecoderFile';
import { buildRegions } from '../../output/regions';
import type { OnProgress } from '../engine';
import { ChatReader, chatBody, type ChatAnswer } from './chat';
import { ChatServer, defaultServerLimits, notAServer, type ChatAnswerBody, type ServerLimits } from './chatServer';
import { systemClock, wait, type Clock } from './clock';
import { eventData, StreamTooLong } from './eventStream';
import { Pictures, type SentPicture } from './pictures';
import { probeServer } from './probe';
import { DialectRefused, Setback } from './setback';

/** How often one run is sent at most where there is one server; more servers are each asked once. */
const TRIES = 3;
/** Characters of one event of a stream, and of all for each token beside a constant. */
const LONGEST_EVENT = 4 << 20;
const STREAM_CHARACTERS_A_TOKEN = 4096;

interface Answered {
  readonly answer: ChatAnswer;
  /** From the first try to the first text. */
  readonly firstTextMs: number;
}

/** What a server is asked. `startedAt`: as the clock tells it, milliseconds. */
interface Question {
  readonly params: RemoteGenerateParams;
  readonly picture: SentPicture;
  readonly startedAt: number;
}

export interface RemoteEngineOptions {
  readonly limits?: ServerLimits;
  readonly clock?: Clock;
  /** Where parts of pictures are taken from. */
  readonly parts?: PartedPictures;
}

export class RemoteEngine {
  private readonly limits: ServerLimits;
  private readonly clock: Clock;
  private readonly pictures: Pictures;
  private maskDecoder: { readonly file: string; readonly loading: Promise<MaskDecoder> } | undefined;
  /** Addresses that refused vLLM's own fields. */
  private readonly plain = new Set<string>();

  /** `modelsPath`: a decoder of masks that lies there draws those of servers, which send codes only. */
  constructor(
    private readonly modelsPath: string,
    private readonly log: HostLog,
    { limits = defaultServerLimits, clock = systemClock, parts = new PartedPictures() }: RemoteEngineOptions = {},
  ) {
    this.limits = limits;
    this.clock = clock;
    this.pictures = new Pictures(parts);
  }

  /** @throws Failure of the pictures and the inference servers; DOMException `AbortError` at once. */
  async generate(params: RemoteGenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult> {
    signal.throwIfAborted();
    const { clock } = this;
    const startedAt = clock.now();
    onProgress({ kind: 'phase', phase: 'image', done: 0, total: 1 });
    const picture = await this.pictures.get(params, params.model.resolutionPx, signal);
    const sentAt = clock.now();
    onProgress({ kind: 'phase', phase: 'prefill', done: 0, total: 1 });
    const { answered: { answer, firstTextMs }, server } = await this.askAll(params, picture, onProgress, signal);
    const doneAt = clock.now();
    const { widthPx, heightPx, sha256 } = picture;
    const { suffix, tokenIds, stopReason, tokens } = answer;
    const maskDecoder = suffix.includes('<seg') ? await this.findMaskDecoder() : undefined;
    const { regions, text } = await buildRegions({
      suffix,
      image: { widthPx, heightPx },
      locDivisor: params.locDivisor,
      isTruncated: stopReason !== 'eos',
      signal,
      ...(params.crop === undefined ? {} : { crop: params.crop }),
      ...(maskDecoder === undefined ? {} : { maskDecoder }),
    });
    const timings: Timings = {
      loadMs: 0,
      imageMs: rounded(sentAt - startedAt),
      visionMs: 0,
      prefillMs: rounded(firstTextMs),
      decodeMs: rounded(doneAt - sentAt - firstTextMs),
      tokens,
    };
    this.log.info(
      'host.server',
      `${
        new URL(server.url).host
      }: ${tokens} tokens, first after ${timings.prefillMs} ms, the rest in ${timings.decodeMs} ms`,
    );
    return {
      image: { widthPx, heightPx, sha256 },
      device: 'remote',
      suffix,
      tokenIds,
      tokenProbabilities: [],
      stopReason,
      regions,
      text,
      timings,
      server,
    };
  }

  /** @throws as {@link generate}. */
  async probe(endpoint: ServerEndpoint, signal: AbortSignal): Promise<ServerProbe> {
    return probeServer(new ChatServer(endpoint, this.clock, this.limits), signal);
  }

  private async findMaskDecoder(): Promise<MaskDecoder | undefined> {
    const file = await findMaskDecoder([this.modelsPath]);
    if (file === undefined) return undefined;
    if (this.maskDecoder?.file !== file) this.maskDecoder = { file, loading: loadMaskDecoder(file) };
    const { loading } = this.maskDecoder;
    // A damaged file may have been put right by the next run.
    loading.catch(() => {
      this.maskDecoder = undefined;
    });
    return loading;
  }

  /** Greedy runs are safe to repeat: each setback leads to the next server, or after a wait to the same one again. */
  private async askAll(
    params: RemoteGenerateParams,
    picture: SentPicture,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<{ answered: Answered; server: ServerTrace }> {
    const { endpoints } = params.model;
    const setbacks: { url: string; isOverload: boolean }[] = [];
    const startedAt = this.clock.now();
    for (let attempt = 1;; attempt++) {
      const endpoint = endpoints[(attempt - 1) % endpoints.length];
      if (endpoint === undefined) {
        throw new Failure(
          'badArgument',
          l10n.t('The model has no server. Add one with “paligemma models add” or in the editor.'),
        );
      }
      try {
        const answered = await this.ask(endpoint, { params, picture, startedAt }, onProgress, signal);
        return { answered, server: { url: endpoint.url, setbacks } };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Setback)) throw error;
        setbacks.push({ url: endpoint.url, isOverload: error.options.isOverload === true });
        this.log.warn('host.server', error.failure.message);
        await this.recover(error, attempt, endpoints.length, signal);
      }
    }
  }

  /** Returns when it is time for the next try. @throws Failure where there is none. */
  private async recover(
    { failure, options: { hasBegun, retryAfterMs = 0 } }: Setback,
    attempt: number,
    servers: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { limits: { firstWaitMs, longestWaitMs }, clock } = this;
    if (attempt < servers) return;
    if (hasBegun === true || attempt >= Math.max(TRIES, servers) || retryAfterMs > longestWaitMs) throw failure;
    const ownMs = firstWaitMs * 2 ** (attempt - servers) * (1 + clock.random());
    await wait(Math.max(retryAfterMs, ownMs), clock, signal);
  }

  private async ask(
    endpoint: ServerEndpoint,
    { params, picture, startedAt }: Question,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<Answered> {
    const { model: { model, resolutionPx, contextTokens, ...spec }, prefix } = params;
    const dialect = this.plain.has(endpoint.url) ? 'openai' : spec.dialect;
    const server = new ChatServer(endpoint, this.clock, this.limits);
    const maxNewTokens = fittingTokens(params.maxNewTokens, prefix, resolutionPx, contextTokens);
    const body = chatBody({ model, dialect, pictureUrl: picture.url, prefix, maxNewTokens });
    const reader = new ChatReader(server.host, params.maxNewTokens, endpoint.apiKey);
    let firstTextMs: number | undefined;
    try {
      const asked = { model, hasExtras: dialect === 'vllm', tokens: maxNewTokens };
      await readAnswer(await server.chatStream(body, asked, signal), reader, params.maxNewTokens, () => {
        firstTextMs ??= this.clock.now() - startedAt;
        onProgress(reader.progress);
      });
      return { answer: reader.finish(), firstTextMs: firstTextMs ?? this.clock.now() - startedAt };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DialectRefused && !this.plain.has(endpoint.url)) {
        this.plain.add(endpoint.url);
        return this.ask(endpoint, { params, picture, startedAt }, onProgress, signal);
      }
      throw streamFailure(error, server.host, reader.hasBegun);
    }
  }
}

/** @param onText Called whenever there is more of it. */
async function readAnswer(
  answer: ChatAnswerBody,
  reader: ChatReader,
  maxNewTokens: number,
  onText: () => void,
): Promise<void> {
  if (answer.kind === 'whole') {
    reader.pushWhole(answer.value);
    if (reader.hasBegun) onText();
    return;
  }
  const longest = { event: LONGEST_EVENT, all: LONGEST_EVENT + maxNewTokens * STREAM_CHARACTERS_A_TOKEN };
  for await (const data of eventData(answer.chunks, longest)) {
    if (data === '[DONE]') return;
    if (reader.push(data)) onText();
  }
}

/**
 * What no other server could do better stays a Failure; a stream that ended or made no sense may be this server's
 * alone, and so may values of it that are nested deeper than the stack.
 */
function streamFailure(error: unknown, host: string, hasBegun: boolean): unknown {
  if (error instanceof StreamTooLong || error instanceof RangeError) {
    return new Setback(notAServer(host), { hasBegun: true });
  }
  if (error instanceof Failure && error.reason === 'serverAnswerInvalid') {
    return new Setback(error, { hasBegun: true });
  }
  if (error instanceof Setback && hasBegun) return new Setback(error.failure, { ...error.options, hasBegun });
  return error;
}

/** The server refuses limits that go beyond its context; a token of the prompt has a byte at least. */
function fittingTokens(
  maxNewTokens: number,
  prefix: string,
  resolutionPx: number,
  contextTokens: number | undefined,
): number {
  if (contextTokens === undefined) return maxNewTokens;
  const imageTokens = Math.floor(resolutionPx / PATCH_PX) ** 2;
  const free = contextTokens - imageTokens - Buffer.byteLength(prefix) - PROMPT_FRAME;
  return Math.max(1, Math.min(maxNewTokens, free));
}

/**
 * Side of the piece of a picture that is one image token. Source: SigLIP So400m/14, `vision_config.patch_size` of the
 * checkpoints.
 */
const PATCH_PX = 14;
/** `<bos>` and the closing newline. */
const PROMPT_FRAME = 2;

function rounded(ms: number): number {
  return Math.round(Math.max(0, ms) * 100) / 100;
}
