import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`alter table "trials" add "pause_requested" boolean not null default false`);
  }
}
