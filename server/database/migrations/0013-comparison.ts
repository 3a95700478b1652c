import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "trial_captures" ("trial" text not null, "environment" text null, "code" text null, "cell" text null, "captured_at" double precision not null, primary key ("trial"))`,
    );
    this.addSql(
      `create table "captured_contents" ("hash" text not null, "content" text not null, primary key ("hash"))`,
    );
  }
}
