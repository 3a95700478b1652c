import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`alter table "trials" add "execution" text null`);
  }
}
