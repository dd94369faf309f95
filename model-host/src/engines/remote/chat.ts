/** OpenAI's chat protocol as PaliGemma needs it: one picture, one prompt, greedy, token by token. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import type { ServerDialect } from '../../contract/inferenceServer';
import type { RunProgress } from '../../contract/protocol';
import type { StopReason } from '../../../../paligemma/src/facts';
import { sanitizePrefix } from '../../generation/prompt';
import { detailOf } from './refusals';

export interface ChatRequest {
  readonly model: string;
  readonly dialect: ServerDialect;
  /** `data:` URL of a PNG. */
  readonly pictureUrl: string;
  readonly prefix: string;
  /** At least 1. */
  readonly maxNewTokens: number;
}

/**
 * JSON of the request. Special tokens stay in the text, and the model's defaults for sampling are overruled.
 * Source: vLLM 0.32.0, `entrypoints/openai/chat_completion/protocol.py`.
 */
export function chatBody(
  { model, dialect, pictureUrl, prefix, maxNewTokens }: ChatRequest,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    model,
    temperature: 0,
    max_tokens: maxNewTokens,
    stream: true,
    stream_options: { include_usage: true },
    ...(dialect === 'vllm'
      ? { skip_special_tokens: false, spaces_between_special_tokens: false, return_token_ids: true }
      : {}),
    messages: [{
      role: 'user',
      content: [{ type: 'image_url', image_url: { url: pictureUrl } }, { type: 'text', text: sanitizePrefix(prefix) }],
    }],
    ...more,
  });
}

export interface ChatAnswer {
  readonly suffix: string;
  /** Without `<eos>`; empty where the server does not tell them. */
  readonly tokenIds: readonly number[];
  /** `<eos>` not counted. */
  readonly tokens: number;
  readonly stopReason: StopReason;
}

/** `<pad>`, `<eos>`, `<bos>`. Source: `tokenizer_config.json` of the published checkpoints. */
const specialIds: ReadonlySet<number> = new Set([0, 1, 2]);
const specialText = /<(?:pad|eos|bos)>/g;
/** Characters of a suffix for each token that was asked for, and beside them: no token of the vocabulary is as long. */
const CHARACTERS_A_TOKEN = 64;
const CHARACTERS_BESIDE = 4096;

function withoutSpecials(text: string): string {
  return text.replaceAll(specialText, '');
}

/** Collects a streamed answer. Every failure is a Failure `serverAnswerInvalid` that names `host`. */
export class ChatReader {
  private text = '';
  private readonly ids: number[] = [];
  private pieces = 0;
  private finishReason: string | undefined;
  private usedTokens: number | undefined;

  /** @param apiKey The key that was sent, which stands in no sentence. */
  constructor(
    private readonly host: string,
    private readonly maxNewTokens: number,
    private readonly apiKey?: string,
  ) {}

  /** True once some of the answer has come. */
  get hasBegun(): boolean {
    return this.pieces > 0;
  }

  /**
   * Everything so far in whole characters, and its tokens. The text is put together only where it is read: there is one
   * after each piece, and few of them are shown.
   */
  get progress(): RunProgress {
    const { text: soFar, tokens } = this;
    return {
      kind: 'text',
      get text() {
        return withoutSpecials(soFar).replace(/[\ud800-\udbff]$/, '');
      },
      tokens,
    };
  }

  /** Takes the data of one event. @returns whether the text has grown. */
  push(data: string): boolean {
    return this.takeValue(this.parse(data));
  }

  /** Takes an answer that came as one: its end is there, whether or not it says so. */
  pushWhole(value: Readonly<Record<string, unknown>>): void {
    this.takeValue(value);
    const { choices } = value;
    if (!Array.isArray(choices) || !isRecord(choices[0]) || !isRecord(choices[0]['message'])) throw this.garbage();
    this.finishReason ??= 'stop';
  }

  private takeValue(value: Readonly<Record<string, unknown>>): boolean {
    if (value['error'] !== undefined && value['error'] !== null) {
      throw new Failure(
        'serverAnswerInvalid',
        l10n.t(
          'The server at {0} failed in the middle of an answer. It says: {1}',
          this.host,
          detailOf(value, this.apiKey).message,
        ),
      );
    }
    const { choices, usage } = value;
    if (!Array.isArray(choices)) throw this.garbage();
    if (isRecord(usage) && typeof usage['completion_tokens'] === 'number') this.usedTokens = usage['completion_tokens'];
    const choice: unknown = choices[0];
    if (choice === undefined) return false;
    if (!isRecord(choice)) throw this.garbage();
    return this.take(choice);
  }

  /** @throws Failure where the server has not said that it is done. */
  finish(): ChatAnswer {
    const { finishReason, suffix } = this;
    if (finishReason === undefined) {
      throw new Failure(
        'serverAnswerInvalid',
        l10n.t(
          'The server at {0} ended its answer before it was done. Run it again; if it keeps happening, look at the log of the server.',
          this.host,
        ),
      );
    }
    const isFull = finishReason === 'length';
    return {
      suffix,
      tokenIds: this.ids,
      tokens: this.tokens,
      stopReason: !isFull ? 'eos' : this.tokens < this.maxNewTokens ? 'contextFull' : 'maxNewTokens',
    };
  }

  private take(choice: Readonly<Record<string, unknown>>): boolean {
    const { delta, message, finish_reason: finishReason, token_ids: ids } = choice;
    const content = isRecord(delta) ? delta['content'] : isRecord(message) ? message['content'] : undefined;
    if (content !== undefined && content !== null && typeof content !== 'string') throw this.garbage();
    if (Array.isArray(ids)) {
      for (const id of ids) if (Number.isInteger(id) && !specialIds.has(id as number)) this.ids.push(id as number);
    }
    if (typeof finishReason === 'string') this.finishReason = finishReason;
    const hasGrown = typeof content === 'string' && content !== '';
    if (hasGrown) {
      this.pieces++;
      this.text += content;
    }
    if (
      this.text.length > this.maxNewTokens * CHARACTERS_A_TOKEN + CHARACTERS_BESIDE
      || this.ids.length > this.maxNewTokens
    ) {
      throw new Failure(
        'serverAnswerInvalid',
        l10n.t(
          'The server at {0} does not stop: it sent more than the {1} tokens it was asked for. Check that it is an OpenAI-compatible server.',
          this.host,
          this.maxNewTokens,
        ),
      );
    }
    return hasGrown;
  }

  private get suffix(): string {
    return withoutSpecials(this.text);
  }

  private get tokens(): number {
    if (this.ids.length > 0) return this.ids.length;
    if (this.usedTokens === undefined) return this.pieces;
    // Servers count the <eos> that ended it.
    return Math.max(0, this.finishReason === 'stop' ? this.usedTokens - 1 : this.usedTokens);
  }

  private parse(data: string): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(data);
      if (isRecord(value)) return value;
    } catch {
      // Told below.
    }
    throw this.garbage();
  }

  private garbage(): Failure {
    return new Failure(
      'serverAnswerInvalid',
      l10n.t(
        'The server at {0} sent something that is not an answer. Check that its address is that of an OpenAI-compatible server, for example vLLM.',
        this.host,
      ),
    );
  }
}
