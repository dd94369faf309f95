/** What can be found out about a server before the first picture goes there. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import type { MaskSupport, ServedModel, ServerDialect, ServerProbe } from '../../contract/inferenceServer';
import { chatBody } from './chat';
import type { ChatServer, ListedModel } from './chatServer';
import { pngUrl } from './pictures';
import { DialectRefused, Setback } from './setback';

/** Models whose prompt is looked at; the rest of a long list is told as it is. */
const MOST_PROBED = 8;
const PICTURE_PX = 56;
const GREY = 128;
/** `<bos>` and "\n" of the tokenizer. Source: `tokenizer.json` of the published checkpoints. */
const BOS = 2;
const NEWLINE = 108;
const PATCH_PX = 14;
/**
 * Log-probabilities of the same token that differ by less are the same. Measured: 0.132 where the prompt sees all of
 * itself,
 * 0.000000 where it does not. Source: vLLM 0.32.0 on a CPU, a tiny PaliGemma 2.
 */
const SAME_LOG_PROBABILITY = 1e-3;
/** Of equally many tokens, so that the server computes both in the same shapes; the first one is the same. */
const prompts = ['caption en', 'caption cat'] as const;

type Findings = Omit<ServedModel, 'id' | 'contextTokens'>;

/** @throws Failure; DOMException `AbortError`. */
export async function probeServer(server: ChatServer, signal: AbortSignal): Promise<ServerProbe> {
  try {
    const listed = await server.models(signal);
    if (listed.length === 0) {
      throw new Failure(
        'serverModelMissing',
        l10n.t('The server at {0} serves no model. Start it with a PaliGemma 2 checkpoint.', server.host),
      );
    }
    const pictureUrl = await pngUrl(new Uint8Array(PICTURE_PX * PICTURE_PX * 3).fill(GREY), PICTURE_PX);
    let dialect: ServerDialect = 'vllm';
    const models: ServedModel[] = [];
    for (const [index, model] of listed.entries()) {
      const probed: { readonly findings: Findings; readonly dialect: ServerDialect } = index < MOST_PROBED
        ? await new ModelProbe(server, model, pictureUrl, signal).look(dialect)
        : { findings: { mask: 'unknown' }, dialect };
      dialect = probed.dialect;
      models.push({ ...model, ...probed.findings });
    }
    return { url: server.endpoint.url, dialect, models };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Setback ? error.failure : error;
  }
}

class ModelProbe {
  constructor(
    private readonly server: ChatServer,
    private readonly model: ListedModel,
    private readonly pictureUrl: string,
    private readonly signal: AbortSignal,
  ) {}

  async look(dialect: ServerDialect): Promise<{ readonly findings: Findings; readonly dialect: ServerDialect }> {
    try {
      return { findings: dialect === 'vllm' ? await this.lookInside() : await this.lookAtAnswer(), dialect };
    } catch (error) {
      this.signal.throwIfAborted();
      if (error instanceof DialectRefused && dialect === 'vllm') return this.look('openai');
      // A key, or the whole server, is no matter of one model.
      if (
        error instanceof Setback || (error instanceof Failure && error.reason === 'serverRefused')
        || !(error instanceof Failure)
      ) throw error;
      return { findings: { mask: 'unknown', note: l10n.t('It cannot be used: {0}', error.message) }, dialect };
    }
  }

  private async lookInside(): Promise<Findings> {
    const first = await this.ask(prompts[0]);
    const ids = readIds(first);
    if (ids === undefined) {
      return {
        mask: 'unknown',
        note: l10n.t(
          'The server does not say how it reads the prompt, so it is not known whether it applies PaliGemma’s prefix mask; compare some answers with those of a model on this machine.',
        ),
      };
    }
    const imageTokens = imageTokensOf(ids);
    if (imageTokens === undefined) {
      return {
        mask: 'unknown',
        note: l10n.t(
          'The prompt does not reach this model as a PaliGemma model needs it: it is another model, or the server uses a chat template that adds to the prompt.',
        ),
      };
    }
    const resolutionPx = Math.sqrt(imageTokens) * PATCH_PX;
    const mask = await this.maskOf(first, ids);
    return { resolutionPx, mask, ...noteOn(mask) };
  }

  /** A server of OpenAI's own fields: whether it takes a picture is all that can be seen. */
  private async lookAtAnswer(): Promise<Findings> {
    const body = this.body(prompts[0], 'openai', {});
    await this.server.chatOnce(body, { model: this.model.id, hasExtras: false, tokens: 1 }, this.signal);
    return { mask: 'unknown', ...noteOn('unknown') };
  }

  private async maskOf(first: Answer, ids: readonly number[]): Promise<MaskSupport> {
    const second = await this.ask(prompts[1]);
    const otherIds = readIds(second);
    const a = firstWord(first, ids);
    const b = otherIds === undefined ? undefined : firstWord(second, otherIds);
    if (a === undefined || b === undefined || a.id !== b.id || ids.length !== otherIds?.length) return 'unknown';
    return Math.abs(a.logProbability - b.logProbability) < SAME_LOG_PROBABILITY ? 'causal' : 'prefix';
  }

  /** Some servers refuse to look back into the prompt: then it is asked for without. */
  private async ask(prompt: string): Promise<Answer> {
    const asked = { model: this.model.id, hasExtras: true, tokens: 1 };
    try {
      return await this.server.chatOnce(this.body(prompt, 'vllm', { prompt_logprobs: 1 }), asked, this.signal);
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== 'serverAnswerInvalid') throw error;
      return this.server.chatOnce(this.body(prompt, 'vllm', {}), asked, this.signal);
    }
  }

  private body(prefix: string, dialect: ServerDialect, more: Readonly<Record<string, unknown>>): string {
    return chatBody({ model: this.model.id, dialect, pictureUrl: this.pictureUrl, prefix, maxNewTokens: 1 }, {
      stream: false,
      stream_options: undefined,
      ...more,
    });
  }
}

type Answer = Readonly<Record<string, unknown>>;

function noteOn(mask: MaskSupport): { readonly note?: string } {
  switch (mask) {
    case 'prefix':
      return {};
    case 'causal':
      return {
        note: l10n.t(
          'This server ignores PaliGemma’s prefix mask, so its answers will differ from those of a model on this machine; docs/servers.md says how to fix that.',
        ),
      };
    case 'unknown':
      return {
        note: l10n.t(
          'It could not be determined whether this server applies PaliGemma’s prefix mask; without it, answers differ from those of a model on this machine.',
        ),
      };
  }
}

function readIds({ prompt_token_ids: ids }: Answer): readonly number[] | undefined {
  return Array.isArray(ids) && ids.every(id => Number.isInteger(id)) ? (ids as number[]) : undefined;
}

/**
 * Image tokens, all the same and a square number of them; `<bos>`, once; text; newline. Undefined for anything else.
 */
function imageTokensOf(ids: readonly number[]): number | undefined {
  const count = ids.findIndex(id => id !== ids[0]);
  const isRight = count > 0 && ids[count] === BOS && ids.indexOf(BOS) === ids.lastIndexOf(BOS) && ids.at(-1) === NEWLINE
    && ids.length > count + 2 && !ids.slice(count).includes(ids[0] ?? -1);
  return isRight && Number.isInteger(Math.sqrt(count)) ? count : undefined;
}

/** What the prompt's first text token had for a log-probability. */
function firstWord(
  { prompt_logprobs: positions }: Answer,
  ids: readonly number[],
): { readonly id: number; readonly logProbability: number } | undefined {
  const at = ids.indexOf(BOS) + 1;
  const id = ids[at];
  const position: unknown = Array.isArray(positions) ? positions[at] : undefined;
  const entry = isRecord(position) && id !== undefined ? position[String(id)] : undefined;
  const logProbability = isRecord(entry) ? entry['logprob'] : undefined;
  return id === undefined || typeof logProbability !== 'number' ? undefined : { id, logProbability };
}
