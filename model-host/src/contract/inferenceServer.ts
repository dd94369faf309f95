/** Models of inference servers that speak OpenAI's chat protocol, for example vLLM. */

/** `vllm` takes the fields that go beyond OpenAI's and tells token ids; `openai` refuses them. */
export const serverDialects = ['vllm', 'openai'] as const;
export type ServerDialect = (typeof serverDialects)[number];

/**
 * Whether a server lets the prompt attend to itself in both directions, as the model was trained: `causal` answers
 * differ from local ones.
 */
export const maskSupports = ['prefix', 'causal', 'unknown'] as const;
export type MaskSupport = (typeof maskSupports)[number];

/** One server, as it is reached. */
export interface ServerEndpoint {
  /** `http:` or `https:`; ends in `/v1`. */
  readonly url: string;
  /** Sent as a bearer token, to the origin of `url` only; over plain http to this machine only. Never logged. */
  readonly apiKey?: string;
  /** `http://HOST:PORT` of a proxy that leads there; absent: no proxy. */
  readonly proxyUrl?: string;
}

/** A model as servers run it. */
export interface RemoteModelSpec {
  /** At least one, in the order in which they are tried: a run moves on where one fails. */
  readonly endpoints: readonly ServerEndpoint[];
  /** As the servers list it. */
  readonly model: string;
  readonly dialect: ServerDialect;
  /** Side of the square picture that is sent, pixels. */
  readonly resolutionPx: number;
  /** Positions for image tokens, prompt and answer together; absent where it is not known. */
  readonly contextTokens?: number;
}

/** What a server told of itself. */
export interface ServerProbe {
  /** As it is kept: ends in `/v1`. */
  readonly url: string;
  /** `vllm` takes the fields that go beyond OpenAI's. */
  readonly dialect: ServerDialect;
  readonly models: readonly ServedModel[];
}

export interface ServedModel {
  /** As the server lists it. */
  readonly id: string;
  readonly contextTokens?: number;
  /** Side of the model's picture, pixels; absent where neither name nor probe tell. */
  readonly resolutionPx?: number;
  readonly mask: MaskSupport;
  /** What the person should know before choosing it; one sentence. */
  readonly note?: string;
}

/** What one run met on its way, for those who share runs out among servers. */
export interface ServerTrace {
  /** The endpoint that answered. */
  readonly url: string;
  /** Endpoints that refused or failed before, each time. */
  readonly setbacks: readonly { readonly url: string; readonly isOverload: boolean }[];
}
