import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "document_deletions" ("notebook" varchar(40) not null, "person" varchar(40) not null, "at" double precision not null, primary key ("notebook", "person"))`,
    );
  }
}
