import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "evaluations" ("trial" text not null, "name" text not null, "task" text not null, "count" int not null, "sha256" varchar(64) not null, "at" double precision not null, "origin" text not null, primary key ("trial", "name"))`,
    );
    this.addSql(
      `create table "artifacts" ("trial" text not null, "name" text not null, "version" int not null, "kind" text not null, "bytes" double precision not null, "sha256" varchar(64) not null, "at" double precision not null, "origin" text not null, primary key ("trial", "name", "version"))`,
    );
    this.addSql(`alter table "artifacts" add constraint "artifacts_trial_origin_unique" unique ("trial", "origin")`);
  }
}
