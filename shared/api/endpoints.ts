/** Every HTTP endpoint of the server, by capability: each is declared in a file of its own beside this one. */
export * from './accounts.ts';
export * from './annotations.ts';
export * from './files.ts';
export * from './history.ts';
export * from './language.ts';
export * from './notebooks.ts';
export * from './sessions.ts';
export * from './system.ts';
export * from './trials.ts';
