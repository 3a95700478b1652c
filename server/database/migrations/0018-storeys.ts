import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`alter table "metric_chunks" add column "middle" bytea null`);
    // As the other storeys: see the migration of metrics.
    this.addSql(`alter table "metric_chunks" alter column "middle" set storage external`);
  }
}
