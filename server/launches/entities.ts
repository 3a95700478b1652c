/** What was launched: enough to run it later, in another process, exactly as it was asked for. */
import { defineEntity, p } from '@mikro-orm/core';

export const LaunchEntity = defineEntity({
  name: 'Launch',
  tableName: 'launches',
  properties: {
    /** The trial's id. */
    trial: p.text().primary(),
    /** The notebook as it was when it was launched: nbformat JSON without outputs. */
    source: p.text(),
    /** JSON object. */
    params: p.text(),
    /** Folder that the cells run in, relative to the notebooks folder. */
    folder: p.text(),
    /** SHA-256 of the executed notebook, a blob. */
    executed: p.text().nullable(),
  },
});

export const launchEntities = [LaunchEntity];
