import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`alter table "annotations" add "revision" int not null default 1`);
  }
}
