/**
 * Imported before the runtime: its prebuilt libraries for Linux and macOS send events to their maker, names and hashes
 * of models among them, and keep an id of the machine in the home folder, unless this is set before they start. Source:
 * ONNX Runtime 1.29 and later, `core/platform/posix/telemetry.cc` and `telemetry_environment.h`.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
