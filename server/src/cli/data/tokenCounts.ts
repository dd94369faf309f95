/** How long the lines of a data set are to a model: prefix, newline, suffix and end. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import type { Session } from '../terminal/session';
import { Percentiles } from './counts';

/** Texts that are sent to the host at once, or so many characters; lines that wait for them. */
const [MOST_TEXTS, MOST_UNITS, MOST_LINES] = [4000, 1_000_000, 20_000];
/** Texts whose counts are remembered, but for long ones: prefixes come again and again, and many answers. */
const [MOST_KNOWN, LONGEST_KNOWN] = [50_000, 500];
/** The newline behind the prefix, and `<eos>`. */
const OWN_TOKENS = 2;

export class TokenCounts {
  readonly lengths = new Percentiles();
  /** What a person should know about the counts. */
  note: string | undefined;
  private lines: (readonly [prefix: string, suffix: string])[] = [];
  private readonly unknown = new Set<string>();
  private units = 0;
  private readonly known = new Map<string, number>();
  /** What the host counts while further lines are read. */
  private running: Promise<void> = Promise.resolve();
  /** Undefined until it is asked for. */
  private model: { readonly modelPath: string | undefined } | undefined;

  constructor(
    private readonly session: Session,
    private readonly name: string | undefined,
    private readonly token: CancellationToken,
  ) {}

  /** @throws as `finish`, of lines before this one. */
  async add({ prefix, suffix }: { readonly prefix: string; readonly suffix: string }): Promise<void> {
    this.lines.push([prefix, suffix]);
    for (const text of [prefix, suffix]) {
      if (this.known.has(text) || this.unknown.has(text)) continue;
      this.unknown.add(text);
      this.units += text.length;
    }
    const { lines, unknown, units } = this;
    if (unknown.size >= MOST_TEXTS || units >= MOST_UNITS || lines.length >= MOST_LINES) await this.begin();
  }

  /** @throws Failure of the host; CancelledError. */
  async finish(): Promise<void> {
    await this.begin();
    await this.running;
  }

  /** One request at a time: what is read meanwhile is the next one. */
  private async begin(): Promise<void> {
    await this.running;
    const { lines, unknown } = this;
    const texts = [...unknown];
    unknown.clear();
    [this.lines, this.units] = [[], 0];
    this.running = this.count(lines, texts);
    // It is told to whoever waits for it next.
    this.running.catch(() => undefined);
  }

  private async count(
    lines: readonly (readonly [prefix: string, suffix: string])[],
    texts: readonly string[],
  ): Promise<void> {
    if (lines.length === 0) return;
    const { token, known, lengths } = this;
    this.model ??= await this.chooseModel();
    const { modelPath } = this.model;
    if (modelPath === undefined) return;
    const counts = texts.length === 0
      ? []
      : await this.session.host.use(client => client.countTokens({ modelPath, texts }, token), token);
    const counted = new Map(texts.map((text, index) => [text, counts[index] ?? 0]));
    const of = (text: string) => counted.get(text) ?? known.get(text) ?? 0;
    for (const [prefix, suffix] of lines) lengths.add(of(prefix) + of(suffix) + OWN_TOKENS);
    for (const [text, count] of counted) {
      if (known.size >= MOST_KNOWN) break;
      if (text.length <= LONGEST_KNOWN) known.set(text, count);
    }
  }

  /** Without a path there is no tokenizer here. */
  private async chooseModel(): Promise<{ readonly modelPath: string | undefined }> {
    const model = await this.session.catalog.choose(this.name);
    if (model.path === undefined) {
      if (this.name !== undefined) {
        throw new Failure('badArgument', 'Tokens are counted by a model of this machine; name one with --model.');
      }
      return { modelPath: undefined };
    }
    if (model.isDemo) this.note = 'tokens were counted by the demo model, whose words are not those of PaliGemma 2.';
    else this.note = `tokens were counted as ${model.id} does.`;
    return { modelPath: model.path };
  }
}
