// A converted model that was damaged on the disk, in every kind of file and every way: never a wrong answer.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { unloadModel } from '../../server/src/contract/protocol';
import type { LspClient } from '../support/lspClient';
import { assertAnswers, startRealServer, stopRealServer } from '../support/realServer';
import { temporaryFolder } from '../support/temporary';

const timeout = 60_000;

describe('the converted model', () => {
  const folder = temporaryFolder('faults-model');
  const cache = path.join(folder, 'cache');
  const whole = path.join(folder, 'whole');
  let client: LspClient;
  let model = '';

  before(async () => {
    client = await startRealServer(cache);
    await assertAnswers(client, '01.png');
    const [name] = readdirSync(path.join(cache, 'converted'));
    assert.ok(name !== undefined);
    model = path.join(cache, 'converted', name);
    cpSync(model, whole, { recursive: true });
  });
  after(() => stopRealServer(client));

  /**
   * The next run, with a model that has to be loaded from the disk, gives the right answer and repairs what was
   * damaged.
   */
  async function assertRepaired(says: RegExp): Promise<void> {
    const { length } = client.log;
    await assertAnswers(client, '02.png');
    assert.match(client.log.slice(length).join('\n'), says);
    for (const name of readdirSync(whole)) {
      assert.ok(readFileSync(path.join(model, name)).equals(readFileSync(path.join(whole, name))), name);
    }
    assert.deepEqual(readdirSync(path.dirname(model)), [path.basename(model)]);
  }

  const kinds = ['manifest.json', 'tokenizer.bin', 'vision-00.onnx', 'vision.data', 'shared.data', 'decoder-00.data'];
  const damages: readonly (readonly [name: string, damage: (file: string) => void])[] = [
    ['one byte is another one', flipByte],
    ['it was cut off', file => truncateSync(file, readFileSync(file).length >> 1)],
    ['it is gone', file => rmSync(file)],
  ];
  for (const kind of kinds) {
    test(`${kind}: ${damages.map(([name]) => name).join('; ')}`, { timeout }, async () => {
      for (const [name, damage] of damages) {
        await client.connection.sendRequest(unloadModel);
        damage(path.join(model, kind));
        // A folder without a manifest was never finished, and nobody is told.
        await assertRepaired(
          kind === 'manifest.json' && name === 'it is gone'
            ? /demo/
            : new RegExp(`damaged\\. .*${kind.replace('.', '\\.')}.*converted again`),
        );
      }
    });
  }

  test('one byte changed by somebody who sets the time back', { timeout }, async () => {
    await client.connection.sendRequest(unloadModel);
    // Loaded from the disk twice: from then on sizes and times are all that is looked at.
    await assertAnswers(client, '02.png');
    await client.connection.sendRequest(unloadModel);
    await assertAnswers(client, '02.png');
    flipByte(path.join(model, 'shared.data'));
    utimesSync(path.join(model, 'shared.data'), 1, 1);
    await client.connection.sendRequest(unloadModel);
    await assertRepaired(/content of shared\.data was changed/);
  });

  test('a manifest that is no JSON, or of something else', { timeout }, async () => {
    for (
      const text of [
        '{"formatVersion":',
        '[]',
        'null',
        JSON.stringify({
          formatVersion: 3,
          files: [{ name: '../../x', bytes: 0, sha256: '' }],
          groups: [],
          config: {},
          name: '',
        }),
      ]
    ) {
      await client.connection.sendRequest(unloadModel);
      writeFileSync(path.join(model, 'manifest.json'), text);
      await assertRepaired(/demo/);
    }
  });
});

/** A byte in the middle: of the weights, the graph, the tables, or of a number in the manifest. */
function flipByte(file: string): void {
  const bytes = readFileSync(file);
  const middle = path.extname(file) === '.json' ? bytes.indexOf('"layers": ') + '"layers": '.length : bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}
