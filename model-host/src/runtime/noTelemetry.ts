/**
 * Imported before onnxruntime-node, whose packages for Linux and macOS would otherwise tell Microsoft of each process and
 * model, with an identifier that they keep in the home folder. Read once, when the native library starts.
 * Source: onnxruntime 1.30.0, core/platform/posix/telemetry.cc; docs/Privacy.md.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
