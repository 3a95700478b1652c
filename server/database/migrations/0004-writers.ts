import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "document_returns" ("notebook" varchar(40) not null, "client" bigint not null, "clock" bigint not null, "length" int not null, "from_client" bigint not null, "from_clock" bigint not null, primary key ("notebook", "client", "clock"))`,
    );
    this.addSql(`alter table "versions" add "vector" bytea null`);
  }
}
