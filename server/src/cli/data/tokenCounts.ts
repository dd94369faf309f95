/** How long the lines of a data set are to a model: prefix, newline, suffix and end. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import type { Session } from '../terminal/session';
import { Percentiles } from './counts';

/** Lines that are sent to the host at once, or so many characters. */
const [MOST_LINES, MOST_UNITS] = [2000, 1_000_000];
/** The newline behind the prefix, and `<eos>`. */
const OWN_TOKENS = 2;

export class TokenCounts {
  readonly lengths = new Percentiles();
  /** What a person should know about the counts. */
  note: string | undefined;
  private texts: string[] = [];
  private units = 0;
  /** Undefined until it is asked for. */
  private model: { readonly modelPath: string | undefined } | undefined;

  constructor(
    private readonly session: Session,
    private readonly name: string | undefined,
    private readonly token: CancellationToken,
  ) {}

  async add({ prefix, suffix }: { readonly prefix: string; readonly suffix: string }): Promise<void> {
    this.texts.push(prefix, suffix);
    this.units += prefix.length + suffix.length;
    if (this.texts.length >= 2 * MOST_LINES || this.units >= MOST_UNITS) await this.finish();
  }

  /** @throws Failure of the host; CancelledError. */
  async finish(): Promise<void> {
    const { texts, token } = this;
    [this.texts, this.units] = [[], 0];
    if (texts.length === 0) return;
    this.model ??= await this.chooseModel();
    const { modelPath } = this.model;
    if (modelPath === undefined) return;
    const counts = await this.session.host.use(client => client.countTokens({ modelPath, texts }, token), token);
    for (let at = 0; at + 1 < counts.length; at += 2) {
      this.lengths.add((counts[at] ?? 0) + (counts[at + 1] ?? 0) + OWN_TOKENS);
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
