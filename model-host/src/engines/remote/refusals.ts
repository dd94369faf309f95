/** What an inference server says when it refuses, and what the person can do about it. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure, type FailureReason } from '../../../../paligemma/src/failures';
import { shown as shownValue } from '../../../../paligemma/src/shown';
import { DialectRefused, Setback } from './setback';

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
}

/** What was asked for. */
export interface Asked {
  /** Host and port of the server. */
  readonly host: string;
  /** The key that was sent: servers repeat it in what they say of it, and it stands in no sentence. */
  readonly apiKey: string | undefined;
  /** False where a key would be readable on the way, so that none was sent. */
  readonly isConfidential: boolean;
  readonly model?: string;
  /** Whether fields were sent that only some servers know. */
  readonly hasExtras: boolean;
}

/**
 * `error` of a body may be an object, a string, or absent with `detail` in its place. Source: vLLM 0.32.0, measured.
 */
interface ErrorDetail {
  readonly message: string;
  readonly param: string | undefined;
}

const SHOWN_CHARACTERS = 300;
const extrasRefused = /unrecogni[sz]ed|unknown (argument|field|parameter)|extra (fields|inputs)|not permitted/i;

/** True where the server does not have the model that was asked for. */
export function isModelMissing({ status, body }: Refusal): boolean {
  if (status !== 404) return false;
  const { param, message } = readDetail(body, undefined);
  return param === 'model' || /model .*does not exist/i.test(message);
}

/** The failure that an answer of this status means: a Failure, a {@link Setback} or {@link DialectRefused}. */
export function refusalOf(refusal: Refusal, asked: Asked): Error {
  const { status, body } = refusal;
  const { message, param } = readDetail(body, asked.apiKey);
  if (asked.hasExtras && (status === 422 || (status === 400 && extrasRefused.test(message)))) {
    return new DialectRefused(message);
  }
  if ([408, 429, 502, 503, 504].includes(status)) return setback(refusal, asked);
  return finalRefusal(refusal, asked, message, param);
}

function finalRefusal(
  refusal: Refusal,
  asked: Asked,
  message: string,
  param: string | undefined,
): Failure {
  const { status } = refusal;
  const { host, model = '' } = asked;
  const said = saying(message);
  const fail = (reason: FailureReason, sentence: string) => new Failure(reason, sentence);
  switch (status) {
    case 401:
    case 403:
      return fail('serverRefused', keyRefused(status, asked));
    case 404:
    case 405:
      return isModelMissing(refusal)
        ? fail('serverModelMissing', l10n.t('The server at {0} has no model {1}.', host, model) + said)
        : fail(
          'serverUnreachable',
          l10n.t(
            'There is no OpenAI-compatible interface at this address of {0} ({1}). Check the address of the server; it usually ends in /v1.',
            host,
            status,
          ),
        );
    case 413:
      return fail(
        'serverAnswerInvalid',
        l10n.t(
          'The server at {0}, or a proxy in front of it, accepts no requests as large as a picture (413). Raise its limit to 16 MB.',
          host,
        ),
      );
    case 400:
      return badRequest(message, param, host)
        ?? fail('serverAnswerInvalid', l10n.t('The server at {0} does not accept the request (400).', host) + said);
    default:
      return fail(
        'serverAnswerInvalid',
        message === ''
          ? l10n.t('The server at {0} failed ({1}). Look at its log.', host, status)
          : l10n.t('The server at {0} failed ({1}).', host, status) + said,
      );
  }
}

function keyRefused(status: number, { host, apiKey, isConfidential }: Asked): string {
  if (apiKey !== undefined) {
    return l10n.t(
      'The server at {0} refused the key ({1}). Give the right one where the server was added in the editor, or set PALIGEMMA_API_KEY.',
      host,
      status,
    );
  }
  return isConfidential
    ? l10n.t(
      'The server at {0} wants a key ({1}). Give the right one where the server was added in the editor, or set PALIGEMMA_API_KEY.',
      host,
      status,
    )
    : l10n.t(
      'The server at {0} wants a key ({1}), and keys are not sent unencrypted. Give the server an https address, or reach it through a tunnel on localhost.',
      host,
      status,
    );
}

/** What the server itself says, to stand behind a sentence. */
function saying(message: string): string {
  return message === '' ? '' : ` ${l10n.t('It says: {0}', message)}`;
}

function badRequest(message: string, param: string | undefined, host: string): Failure | undefined {
  if (param === 'input_tokens' || /maximum context length/i.test(message)) {
    return new Failure(
      'promptTooLong',
      l10n.t(
        'Prompt, picture and answer are together longer than the server at {0} allows. Shorten the prompt, lower the token limit, or start the server with a larger --max-model-len. It says: {1}',
        host,
        message,
      ),
    );
  }
  if (param === 'max_tokens') {
    return new Failure(
      'badArgument',
      l10n.t(
        'The server at {0} does not allow so long an answer. Lower the token limit (--max-new-tokens, paligemma.maxNewTokens). It says: {1}',
        host,
        message,
      ),
    );
  }
  if (/^(Failed to load image|Non-base64)/i.test(message)) {
    return new Failure(
      'serverAnswerInvalid',
      l10n.t(
        'The server at {0} could not read the PNG that was sent to it. Check the proxies on the way and the image libraries of the server. It says: {1}',
        host,
        message,
      ),
    );
  }
  return undefined;
}

function setback({ status, body, retryAfter }: Refusal, { host, apiKey }: Asked): Setback {
  const said = saying(readDetail(body, apiKey).message);
  const isOverload = status === 429 || status === 503;
  const failure = isOverload
    ? new Failure(
      'serverOverloaded',
      l10n.t('The server at {0} is overloaded ({1}). Try again later, or add another server.', host, status)
        + said,
    )
    : new Failure(
      'serverUnreachable',
      l10n.t('The server at {0} does not answer at the moment ({1}). Check that it runs.', host, status) + said,
    );
  return new Setback(failure, { isOverload, retryAfterMs: retryAfterMs(retryAfter) });
}

/** `Retry-After` in seconds or as a date. Source: RFC 9110 §10.2.3. */
function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** The sentence of an error's body, on one line and not too long; empty where the body is no JSON. */
function readDetail(body: string, apiKey: string | undefined): ErrorDetail {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: '', param: undefined };
  }
  return detailOf(value, apiKey);
}

/** @param apiKey What is left out of the sentence. */
export function detailOf(value: unknown, apiKey: string | undefined): ErrorDetail {
  const { error, detail } = isRecord(value) ? value : {};
  const source = error ?? detail;
  if (isRecord(source)) {
    return {
      message: shown(source['message'], apiKey),
      param: typeof source['param'] === 'string' ? source['param'] : undefined,
    };
  }
  return { message: shown(source, apiKey), param: undefined };
}

function shown(value: unknown, apiKey: string | undefined): string {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : shownValue(value);
  const line = withoutKey(text, apiKey).replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

/** Keys that are a word or less, such as “x” for a server that asks for any, are no secret, and would tear holes into sentences. */
const SHORTEST_SECRET = 6;

function withoutKey(text: string, apiKey: string | undefined): string {
  return apiKey === undefined || apiKey.length < SHORTEST_SECRET ? text : text.replaceAll(apiKey, '…');
}
