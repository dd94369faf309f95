/** `npm run soak`: see scripts/soak.mjs. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { figures, soak } from './soak';
import { verdicts } from './verdict';

const { values: { quick = false } } = parseArgs({ options: { quick: { type: 'boolean' } } });

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-soak-'));
  mkdirSync(path.join(folder, 'tmp'));
  console.log(`part\tcount\t${figures.join('\t')}`);
  try {
    const samples = await soak({
      ...(quick ? { runs: 60, restarts: 9, samples: 9 } : { runs: 1000, restarts: 200, samples: 30 }),
      folder,
      onSample: ({ part, count, figures: taken }) =>
        console.log([part, count, ...figures.map(figure => Number(taken[figure].toFixed(1)))].join('\t')),
    });
    console.log('\npart      figure                  first third  second third   last third');
    for (const { part, figure, thirds, isGrowing } of verdicts(samples)) {
      console.log(
        `${part.padEnd(9)} ${figure.padEnd(22)} ${thirds.map(value => value.toFixed(1).padStart(12)).join(' ')}  ${
          isGrowing ? 'GROWING' : 'flat'
        }`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
