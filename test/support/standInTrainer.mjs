#!/usr/bin/env node
// Stands in for Python with the trainer: does what the lines of the data file say, one after the other.
//   {"say": {…}}  an event, with --out in the place of "$OUT"      {"raw": "…"}  any text      {"warn": "…"}  on standard error
//   {"adapter": true}  writes files with the names of an adapter   {"await": "end"}  waits until its input ends
//   {"copy": "FOLDER"}  has the files of another folder as its result
//   {"hang": true}  never goes on   {"exit": 3}   {"signal": "SIGKILL"}   {"environment": "NAME"}  says a variable as a sample
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [, file, ...words] = process.argv.slice(2);
const out = words[words.indexOf('--out') + 1];
const ended = new Promise(resolve => process.stdin.resume().on('close', resolve));
const say = text => new Promise(resolve => process.stdout.write(text, resolve));

for (const line of readFileSync(file, 'utf8').split('\n').filter(text => text !== '')) {
  const act = JSON.parse(line);
  if (act.say !== undefined) await say(`${JSON.stringify(act.say).replaceAll('$OUT', out)}\n`);
  if (act.raw !== undefined) await say(act.raw.repeat(act.times ?? 1));
  if (act.warn !== undefined) await new Promise(resolve => process.stderr.write(`${act.warn}\n`, resolve));
  if (act.adapter !== undefined) {
    mkdirSync(out, { recursive: true });
    writeFileSync(path.join(out, 'adapter_config.json'), '{"peft_type":"LORA"}');
    writeFileSync(path.join(out, 'adapter_model.safetensors'), '');
  }
  if (act.copy !== undefined) cpSync(act.copy, out, { recursive: true });
  if (act.environment !== undefined) {
    const answer = process.env[act.environment] ?? '(none)';
    await say(`${JSON.stringify({ event: 'sample', step: 0, image: '', prefix: '', expected: '', answer })}\n`);
  }
  if (act.await !== undefined) await ended;
  if (act.hang !== undefined) await new Promise(() => setInterval(() => undefined, 1000));
  if (act.signal !== undefined) process.kill(process.pid, act.signal);
  if (act.exit !== undefined) process.exit(act.exit);
}
process.exit(0);
