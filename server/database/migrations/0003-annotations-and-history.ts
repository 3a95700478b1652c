import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "annotations" ("id" varchar(40) not null, "notebook" varchar(40) not null, "target" text not null, "created_at" double precision not null, "resolved_by" varchar(40) null, "resolved_at" double precision null, primary key ("id"))`,
    );
    this.addSql(`create index "annotations_notebook_index" on "annotations" ("notebook")`);
    this.addSql(
      `create table "annotation_messages" ("id" varchar(40) not null, "annotation" varchar(40) not null, "request" varchar(80) not null, "author" varchar(40) not null, "text" text not null, "at" double precision not null, "edited_at" double precision null, primary key ("id"))`,
    );
    this.addSql(`create index "annotation_messages_annotation_index" on "annotation_messages" ("annotation")`);
    this.addSql(
      `alter table "annotation_messages" add constraint "annotation_messages_request_unique" unique ("request")`,
    );
    this.addSql(
      `create table "annotation_reads" ("person" varchar(40) not null, "annotation" varchar(40) not null, "read_to" double precision not null, primary key ("person", "annotation"))`,
    );
    this.addSql(
      `create table "document_authors" ("notebook" varchar(40) not null, "client" bigint not null, "person" varchar(40) not null, primary key ("notebook", "client"))`,
    );
    this.addSql(
      `create table "versions" ("id" varchar(40) not null, "notebook" varchar(40) not null, "at" double precision not null, "kind" varchar(16) not null, "name" text null, "authors" text not null, "source" varchar(40) null, "cells" int not null, "changes" text not null, "content" varchar(64) not null, primary key ("id"))`,
    );
    this.addSql(`create index "versions_notebook_index" on "versions" ("notebook")`);
    this.addSql(
      `create table "version_contents" ("notebook" varchar(40) not null, "hash" varchar(64) not null, "data" bytea not null, primary key ("notebook", "hash"))`,
    );
  }
}
