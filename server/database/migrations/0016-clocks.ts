import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`alter table "remote_trials" add column "ahead" double precision not null default 0`);
  }
}
