import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`alter table "versions" add "cell_authors" text null`);
  }
}
