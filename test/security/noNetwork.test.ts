// Line 17: a whole run on this machine, terminal to model and back, opens no connection and leaves nothing in the home
// folder.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/commandLine';
import { sandbox } from '../support/hostile/sandbox';
import { withoutMachinery } from '../support/hostile/watchedHost';
import { samplePath } from '../support/samples';

test(
  'a caption is made without a connection, without a look-up of a name, and without telemetry',
  { timeout: 120_000 },
  async context => {
    const box = sandbox('network');
    context.after(() => box.remove());
    const record = path.join(box.work, 'connections.txt');
    const preload = path.join(box.work, 'record.cjs');
    // Loaded into every Node.js process of the run. A pipe of a child process is no connection; it has no port.
    writeFileSync(
      preload,
      `
const fs = require('node:fs');
const note = what => fs.appendFileSync(${JSON.stringify(record)}, process.argv[1] + ' ' + what + '\\n');
note('started');
const { connect } = require('node:net').Socket.prototype;
require('node:net').Socket.prototype.connect = function (...args) { note('CONNECT ' + JSON.stringify(args[0])); return connect.apply(this, args); };
const dns = require('node:dns');
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) { const old = dns[name]; dns[name] = (...args) => { note('LOOKUP ' + args[0]); return old(...args); }; }
const dgram = require('node:dgram'); const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = function (...args) { note('SEND'); return send.apply(this, args); };`,
    );
    // The machine that runs tests looks like one: what runtimes leave out there must not hide here.
    for (const name of Object.keys(process.env)) {
      if (!(name in withoutMachinery(process.env))) {
        Reflect.deleteProperty(process.env, name);
      }
    }
    box.watch();
    const result = await runCommand([
      'caption',
      samplePath('01.png'),
      '--model',
      'demo',
      '--device',
      'cpu',
      '--no-cache',
    ], { cache: box.cache, env: { ...box.env, NODE_OPTIONS: `--require ${preload}` } });
    assert.equal(result.code, 0, result.stderr);
    const lines = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
    assert.ok(lines.some(line => /model-host\.js started$/.test(line)), 'the host was watched');
    assert.deepEqual(lines.filter(line => !line.endsWith(' started')), []);
    // The native telemetry would leave an id of the machine and a data base of events.
    assert.deepEqual(box.changes(), []);
  },
);

test('telemetry is off before the runtime is loaded', () => {
  const bundle = readFileSync(path.resolve('dist/model-host.js'), 'utf8');
  const off = bundle.search(/ORT_DISABLE_TELEMETRY/);
  assert.ok(off >= 0 && off < bundle.search(/require\(["']onnxruntime-node["']\)/));
});
