import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `alter table "experiments" add "tags" jsonb not null default '[]', add "starred" boolean not null default false, add "note" text not null default '', add "baseline" text null, add "archived_at" double precision null`,
    );
    this.addSql(
      `alter table "trials" add "tags" jsonb not null default '[]', add "starred" boolean not null default false, add "note" text not null default '', add "archived_at" double precision null, add "deleted_at" double precision null`,
    );
  }
}
