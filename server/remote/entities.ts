/** What is stored of trials that scripts tell of: how far their records have come. */
import { defineEntity, p } from '@mikro-orm/core';

export const RemoteTrialEntity = defineEntity({
  name: 'RemoteTrial',
  tableName: 'remote_trials',
  properties: {
    trial: p.text().primary(),
    /** All records up to this number are durable, or were refused for good. */
    applied: p.double().$type<number>().default(0),
    /** The highest number that a kept message had within the trial (points, events, evaluations, artifacts). */
    seq: p.integer().default(0),
    /** False for what was recorded earlier: nobody waits for a sign of life. */
    live: p.boolean(),
    /** How far its script's clock is ahead of ours, in ms; 0 when they agree. */
    ahead: p.double().$type<number>().default(0),
    /** Its script said that it is over. */
    finished: p.boolean().default(false),
  },
});

export const remoteEntities = [RemoteTrialEntity];
