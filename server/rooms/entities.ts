/** Tables of rooms. */
import type { EntitySchema } from '@mikro-orm/core';

export const roomsEntities: EntitySchema[] = [];
