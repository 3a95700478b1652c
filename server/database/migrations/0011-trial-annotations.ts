import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(`drop index if exists "annotations_notebook_index"`);
    this.addSql(`alter table "annotations" rename column "notebook" to "subject"`);
    this.addSql(
      `alter table "annotations" alter column "subject" type text, add "kind" varchar(16) not null default 'notebook', add "number" int not null default 0`,
    );
    this.addSql(
      `update "annotations" set "number" = ranked.number from (select "id", row_number() over (partition by "subject" order by "created_at", "id") as number from "annotations") ranked where "annotations"."id" = ranked."id"`,
    );
    this.addSql(`alter table "annotations" alter column "kind" drop default, alter column "number" drop default`);
    this.addSql(
      `alter table "annotations" add constraint "annotations_kind_subject_number_unique" unique ("kind", "subject", "number")`,
    );
    this.addSql(`create index "annotation_messages_at_index" on "annotation_messages" ("at")`);
  }
}
