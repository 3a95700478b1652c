/** What a kernel may know of the process that starts it. */

/** What of the server's environment a kernel may see. No address, no token, no secret. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE'],
  ...['TRIALROOM_BACKEND', 'TRIALROOM_THREADS', 'TRIALROOM_SOFTWARE_GPU'],
  // Without these, graphics cards are not found, or nothing starts on Windows.
  ...['LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'VK_DRIVER_FILES', 'VK_ICD_FILENAMES'],
  ...['SystemRoot', 'TEMP', 'TMP', 'USERPROFILE', 'APPDATA'],
];

/** The environment of a kernel, out of a server's. */
export function kernelEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
