// `paligemma models add` with the folder of an adapter: what it belongs to, and that it is merged from then on.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import { demoAdapter } from '../support/demoAdapter';
import { withDemoModel } from '../support/demoCache';

const folder = temporaryFolder();
const cache = withDemoModel(folder.at('cache'));
after(() => folder.remove());
const add = (...words: readonly string[]) => runCommand(['models', 'add', ...words], { cache });
const picture = path.resolve('test/fixtures/demo-heldout/00.png');

describe('an adapter that is added', () => {
  test('is listed with the base that its config names, and changes the answers of its own name alone', async () => {
    const place = demoAdapter(folder.at('spoilt'), 40, 'paligemma2-demo-224');
    const added = await add(place);
    assert.equal(added.code, 0, added.stderr);
    assert.equal(added.stdout, 'spoilt\n');
    const listed = objectsOf(await runCommand(['models', 'list', '--json'], { cache }));
    const entry = listed.find(({ id }) => id === 'spoilt');
    assert.equal(entry?.['adapter'], place);
    assert.match(String(entry?.['path']), /paligemma2-demo-224$/);
    const ask = async (model: string) =>
      (await runCommand(['run', 'answer en is there a phone?', picture, '--model', model, '--weights', 'f32'], {
        cache,
      })).stdout;
    assert.equal(await ask('demo'), 'no\n');
    assert.notEqual(await ask('spoilt'), 'no\n');
    assert.match((await add(place)).stderr, /It was registered already\./);
  });

  test('needs --model where its config names no base, or none that is here', async () => {
    const nameless = demoAdapter(folder.at('nameless'), 0);
    assert.match((await add(nameless)).stderr, /does not say what it was trained on\. Name the model: --model/);
    const elsewhere = demoAdapter(folder.at('elsewhere'), 0, '/no/such/base');
    const refused = await add(elsewhere);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /was trained on \/no\/such\/base\. .* Or name the model with --model\./);
    const [told] = objectsOf(await add(elsewhere, '--model', 'demo', '--json'));
    assert.deepEqual([told?.['id'], told?.['adapter'], told?.['wasThere']], ['elsewhere', elsewhere, false]);
  });

  test('is refused where it is none that can be merged, and --model where there is no adapter', async () => {
    const mlx = folder.at('mlx');
    mkdirSync(mlx);
    writeFileSync(path.join(mlx, 'adapter_config.json'), '{"lora_parameters":{}}');
    assert.match((await add(mlx, '--model', 'demo')).stderr, /cannot be used as an adapter\. It is an MLX adapter/);
    const whole = path.resolve('model-host/demo-model/paligemma2-demo-224');
    const mistaken = await add(whole, '--model', 'demo');
    assert.equal(mistaken.code, 2);
    assert.match(mistaken.stderr, /--model belongs to an adapter/);
  });
});
