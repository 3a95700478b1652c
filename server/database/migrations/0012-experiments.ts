import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "trial_metrics" ("trial" text not null, "key" text not null, "last" double precision not null, "last_step" double precision not null, "low" double precision null, "high" double precision null, "count" int not null, primary key ("trial", "key"))`,
    );
    this.addSql(`create index "trial_metrics_key_index" on "trial_metrics" ("key")`);
    this.addSql(
      `create table "saved_filters" ("id" text not null, "name" text not null, "view" text not null, "shared" boolean not null, "owner" text not null, "owner_name" text not null, "created_at" double precision not null, primary key ("id"))`,
    );
    this.addSql(`create index "saved_filters_owner_index" on "saved_filters" ("owner")`);
  }
}
