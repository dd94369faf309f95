/** `paligemma data stats`: what is in data sets, in one reading of any length. */
import path from 'node:path';
import { jsonText } from '../../../../paligemma/src/answers/json';
import { given } from '../../../../paligemma/src/given';
import { plainLine } from '../../../../paligemma/src/plainText';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import { findSources } from '../../dataSets/sources/findSources';
import type { Entry, Item, SetSource } from '../../dataSets/sources/source';
import { boxesText } from '../../dataSets/targets/textOf';
import { throwIfCancelled } from '../../util/cancellation';
import { readRunOptions } from '../terminal/options';
import { openSession } from '../terminal/session';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, VerbContext } from '../terminal/verb';
import { classesOf } from './classesOf';
import { Counts, type Percentiles } from './counts';
import { RefusalNotes } from './refusalNotes';
import { TokenCounts } from './tokenCounts';

/** Of what can be another one in each line. */
const MOST_SHOWN = 1000;
/** Of the most frequent, for a person. */
const MOST_FOR_PERSON = 10;

export async function tellStats(context: VerbContext, files: readonly string[]): Promise<ExitCode> {
  const { terminal, values, interrupt } = context;
  const sources = (await Promise.all(files.map(file => findSources(path.resolve(file), undefined, [])))).flat();
  const stats = new Stats(await classesOf(sources, [], interrupt.token));
  const notes = new RefusalNotes(context, 'read');
  const session = openSession(context, readRunOptions(values));
  const tokens = new TokenCounts(session, values.model, interrupt.token);
  try {
    for (const source of sources) {
      terminal.progress.update({ fraction: 0, text: `reading ${path.basename(source.file)}` });
      await readSource(source, stats, tokens, notes, context);
    }
    await tokens.finish();
  } finally {
    await session.close();
  }
  terminal.progress.hide();
  if (values.json === true) await terminal.print(jsonText(stats.json(tokens.lengths)));
  else for (const line of stats.lines(tokens.lengths)) await terminal.print(line);
  if (tokens.note !== undefined) terminal.note(`Note: ${tokens.note}`);
  return notes.end();
}

async function readSource(
  source: SetSource,
  stats: Stats,
  tokens: TokenCounts,
  notes: RefusalNotes,
  { interrupt: { token } }: VerbContext,
): Promise<void> {
  for await (const item of source.items(token)) {
    throwIfCancelled(token);
    await notes.take(shownPath(source.file), item);
    const text = stats.take(item);
    if (text !== undefined) await tokens.add(text);
  }
}

interface Text {
  readonly prefix: string;
  readonly suffix: string;
}

class Stats {
  private readonly counted = { lines: 0, drafts: 0 };
  private readonly pictures = new Set<string>();
  private readonly labels = new Counts();
  private readonly prefixes = new Counts();

  constructor(private readonly classes: readonly string[]) {}

  take({ entry, place }: Item): Text | undefined {
    if (entry === undefined) return undefined;
    this.counted.lines++;
    const text = textOf(entry, this.classes, place);
    if (entry.kind === 'text') {
      for (const { path: file } of entry.pictures) this.pictures.add(file);
      if (entry.others['draft'] === true) this.counted.drafts++;
      for (const { label } of parseSuffix(entry.suffix).boxes) this.labels.add(plainLine(label));
    } else {
      this.pictures.add(entry.picture.path);
      for (const { label } of entry.objects) this.labels.add(plainLine(label));
    }
    this.prefixes.add(text.prefix);
    return text;
  }

  json(tokens: Percentiles): Readonly<Record<string, unknown>> {
    const { lines, drafts } = this.counted;
    const [labels, prefixes] = [this.labels.top(MOST_SHOWN), this.prefixes.top(MOST_SHOWN)];
    return {
      lines,
      pictures: this.pictures.size,
      labels: Object.fromEntries(labels.entries),
      prefixes: Object.fromEntries(prefixes.entries),
      tokens: tokens.summary(),
      ...given({ moreLabels: labels.more || undefined, morePrefixes: prefixes.more || undefined }),
      ...given({ drafts: drafts || undefined }),
    };
  }

  lines(tokens: Percentiles): readonly string[] {
    const { lines, drafts } = this.counted;
    const { max, p50, p99 } = tokens.summary();
    const table = (name: string, counts: Counts) => {
      const { entries, more } = counts.top(MOST_FOR_PERSON);
      return [
        ...entries.map(([key, count]) => `${name}\t${count}\t${key}`),
        ...(more === 0 ? [] : [`${name}\t\t… and ${more} more`]),
      ];
    };
    return [
      `lines\t${lines}`,
      `pictures\t${this.pictures.size}`,
      ...(drafts === 0 ? [] : [`drafts\t${drafts}`]),
      ...(max === null ? [] : [`tokens\t${max}\tat most, ${p50} in the middle, ${p99} in all but 1 %`]),
      ...table('label', this.labels),
      ...table('prefix', this.prefixes),
    ];
  }
}

function textOf(entry: Entry, classes: readonly string[], place: string): Text {
  return entry.kind === 'text' ? entry : boxesText(entry, entry.size, classes, place);
}
