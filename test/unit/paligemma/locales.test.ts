import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleNames } from '../../../paligemma/src/locales';

test('a region falls back to its language, English needs no file, and nothing else than a locale makes a name', () => {
  assert.deepEqual(bundleNames('de'), ['bundle.l10n.de.json']);
  assert.deepEqual(bundleNames('pt-BR'), ['bundle.l10n.pt-br.json', 'bundle.l10n.pt.json']);
  for (const locale of ['en', 'en-GB', '', '../de', 'de/..', 'de_DE.UTF-8', 'C']) {
    assert.deepEqual(bundleNames(locale), [], locale);
  }
});
