/** The environment a child gets: nothing of the host's, so no key in it can leak, and one time zone everywhere. */
export function childEnvironment(): NodeJS.ProcessEnv {
  // Windows cannot start its socket and random-number libraries without the one variable.
  return process.platform === 'win32' ? { TZ: 'UTC', SystemRoot: process.env.SystemRoot } : { TZ: 'UTC' };
}

/** The same for a child that runs on our own executable, which under Electron must be told to be a Node. */
export function ownChildEnvironment(): NodeJS.ProcessEnv {
  return process.versions.electron ? { ...childEnvironment(), ELECTRON_RUN_AS_NODE: '1' } : childEnvironment();
}
