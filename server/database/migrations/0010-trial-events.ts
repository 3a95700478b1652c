import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "trial_events" ("trial" text not null, "seq" int not null, "at" double precision not null, "kind" text not null, "step" double precision null, "text" text not null, "data" jsonb not null, "by" jsonb null, "batch" int null, "place" int null, primary key ("trial", "seq"))`,
    );
    this.addSql(`create index "trial_events_trial_kind_seq_index" on "trial_events" ("trial", "kind", "seq")`);
    this.addSql(
      `alter table "trial_events" add constraint "trial_events_trial_batch_place_unique" unique ("trial", "batch", "place")`,
    );
    this.addSql(
      `create table "alert_rules" ("id" text not null, "experiment" text not null, "when" text not null, "level" text not null, "by" jsonb not null, "created_at" double precision not null, primary key ("id"))`,
    );
    this.addSql(`create index "alert_rules_experiment_index" on "alert_rules" ("experiment")`);
    this.addSql(
      `alter table "trials" add "release" text not null default 'none', add "checkpoint" jsonb null, add "revision" int not null default 0`,
    );
  }
}
