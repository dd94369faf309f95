import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineOf, machineOfPath, machineOfUri } from '../../../paligemma/src/otherMachines';

test('two slashes of either kind begin the name of a machine, on every system', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['\\\\Host\\share\\a.png', 'host'],
    ['//host/share', 'host'],
    ['/\\host/share', 'host'],
    ['//host@SSL@8443/DavWWWRoot/a', 'host@ssl@8443'],
    ['\\\\?\\UNC\\Host\\share', 'host'],
    ['//./unc/host/share', 'host'],
    ['\\\\?\\C:\\a.png', '?'],
    ['\\\\.\\pipe\\a', '.'],
    ['//', ''],
    ['/a//b', undefined],
    ['\\a', undefined],
    ['C:\\a', undefined],
    ['a.png', undefined],
    ['', undefined],
  ];
  for (const [path, machine] of rows) assert.equal(machineOfPath(path), machine, path);
});

test('a file: URI names a machine by its host, or by slashes that whoever decodes it finds', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['file://Host/share/a.png', 'host'],
    ['file:\\\\host\\share', 'host'],
    ['file:////host/share', 'host'],
    ['file:///..//host/share', 'host'],
    ['file:///\\host/share', 'host'],
    ['file:///%5Chost/share', 'host'],
    ['file://127.0.0.1/c$', '127.0.0.1'],
    ['file://localhost/a', undefined],
    ['file:///C:/a', undefined],
    ['file:///a%', undefined],
    ['file:a', undefined],
    ['https://host/a', undefined],
    ['//host/a', undefined],
  ];
  for (const [uri, machine] of rows) assert.equal(machineOfUri(uri), machine, uri);
  assert.deepEqual(['//host/a', 'FILE://host/a', 'a'].map(machineOf), ['host', 'host', undefined]);
});
