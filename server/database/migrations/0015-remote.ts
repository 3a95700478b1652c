import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "remote_trials" ("trial" text not null, "applied" double precision not null default 0, "seq" int not null default 0, "live" boolean not null, "finished" boolean not null default false, primary key ("trial"))`,
    );
  }
}
