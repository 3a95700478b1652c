import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "credentials" ("hash" varchar(64) not null, "kind" varchar(16) not null, "role" varchar(16) not null, "person" varchar(40) null, "created_at" double precision not null, primary key ("hash"))`,
    );
    this.addSql(`create index "credentials_person_index" on "credentials" ("person")`);
    this.addSql(
      `create table "documents" ("notebook" varchar(40) not null, "snapshot" bytea not null, "seeded_at" double precision not null, primary key ("notebook"))`,
    );
    this.addSql(
      `create table "document_updates" ("id" bigserial primary key, "notebook" varchar(40) not null, "data" bytea not null)`,
    );
    this.addSql(`create index "document_updates_notebook_index" on "document_updates" ("notebook")`);
    this.addSql(
      `create table "executions" ("id" varchar(40) not null, "notebook" varchar(40) not null, "cell" varchar(100) not null, "ordinal" int not null, "request" varchar(40) not null, "hash" varchar(64) not null, "source" text not null, "count" int not null, "asker" text not null, "queued_at" double precision not null, "started_at" double precision null, "ended_at" double precision null, "ending" varchar(16) null, "ms" double precision null, "outputs" text null, "folded" int not null default 0, primary key ("id"))`,
    );
    this.addSql(
      `create index "executions_notebook_cell_ordinal_index" on "executions" ("notebook", "cell", "ordinal")`,
    );
    this.addSql(`create index "executions_ending_index" on "executions" ("ending")`);
    this.addSql(
      `create table "experiments" ("id" text not null, "name" text not null, "created_at" double precision not null, primary key ("id"))`,
    );
    this.addSql(`alter table "experiments" add constraint "experiments_name_unique" unique ("name")`);
    this.addSql(
      `create table "launches" ("trial" text not null, "source" text not null, "params" text not null, "folder" text not null, "executed" text null, primary key ("trial"))`,
    );
    this.addSql(
      `create table "log_chunks" ("trial" text not null, "last_seq" int not null, "first_seq" int not null, "lines" text not null, primary key ("trial", "last_seq"))`,
    );
    this.addSql(
      `create table "notebooks" ("id" varchar(40) not null, "path" text not null, "created_at" double precision not null, primary key ("id"))`,
    );
    this.addSql(`alter table "notebooks" add constraint "notebooks_path_unique" unique ("path")`);
    this.addSql(
      `create table "notebook_bases" ("notebook" varchar(40) not null, "hash" varchar(64) not null, "content" text not null, "next_hash" varchar(64) null, "next_content" text null, primary key ("notebook"))`,
    );
    this.addSql(
      `create table "output_events" ("execution" varchar(40) not null, "seq" int not null, "events" text not null, primary key ("execution", "seq"))`,
    );
    this.addSql(
      `create table "people" ("id" varchar(40) not null, "name" varchar(60) not null, "colour" varchar(1) not null, "role" varchar(16) not null, "created_at" double precision not null, primary key ("id"))`,
    );
    this.addSql(
      `create table "point_batches" ("trial" text not null, "seq" int not null, "key" text not null, "part" int not null, "count" int not null, "steps" bytea not null, "walls" bytea not null, "readings" bytea not null, primary key ("trial", "seq", "key"))`,
    );
    this.addSql(
      `create table "trials" ("id" text not null, "experiment_id" text not null, "name" text not null, "status" text not null, "stop_requested" boolean not null, "params" jsonb not null, "objective" jsonb null, "progress" jsonb null, "summary" jsonb not null, "reason" text null, "notebook" text null, "notebook_path" text null, "cell" text null, "backend" text null, "by" jsonb null, "owner" text null, "created_at" double precision not null, "started_at" double precision null, "ended_at" double precision null, primary key ("id"))`,
    );
    this.addSql(`create index "trials_created_at_index" on "trials" ("created_at")`);
    this.addSql(`create index "trials_status_index" on "trials" ("status")`);
    this.addSql(
      `create table "trial_owners" ("id" text not null, "place" text not null, "pid" int not null, "lease_until" double precision not null, primary key ("id"))`,
    );
    this.addSql(
      `alter table "trials" add constraint "trials_experiment_id_foreign" foreign key ("experiment_id") references "experiments" ("id")`,
    );
  }
}
