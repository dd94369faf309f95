// The built model host, which starts once a file exists: until then a run takes as long as a test needs.
// PALIGEMMA_HOST_PATH names this file, GATED_HOST_UNTIL the file that opens the gate.
import { existsSync, watch } from 'node:fs';
import path from 'node:path';

const gate = process.env.GATED_HOST_UNTIL;
await new Promise(resolve => {
  const watcher = watch(path.dirname(gate), look);
  look();

  function look() {
    if (!existsSync(gate)) return;
    watcher.close();
    resolve();
  }
});
await import(new URL('../../../dist/model-host.js', import.meta.url).href);
