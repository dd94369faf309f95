// Runs several bundled test files in one process, one after the other: `node together.cjs <name>=<script> …`. Each is a
// suite of its own name, so that its hooks end with it and a file that cannot be loaded fails alone.
'use strict';
const assert = require('node:assert/strict');
const { after, describe } = require('node:test');

/** What files share, by a name: each has `stop()`, which is called when all of them have ended. */
const shared = new Map();
globalThis[Symbol.for('paligemma.tests.shared')] = shared;

for (const argument of process.argv.slice(2)) {
  const [name] = argument.split('=', 1);
  const script = argument.slice(name.length + 1);
  describe(name, () => {
    const found = surroundings();
    require(script);
    after(() => assert.deepEqual(surroundings(), found, `${name} changes what the files after it see`));
  });
}

after(async () => {
  for (const one of shared.values()) await one.stop();
});

/** What a file must leave as it found it, since the next one sees it. libvips sets its variable when it is loaded. */
function surroundings() {
  const { VIPSHOME: _, ...environment } = process.env;
  return { folder: process.cwd(), environment };
}
