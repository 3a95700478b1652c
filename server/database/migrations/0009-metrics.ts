import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
    this.addSql(
      `create table "point_parts" ("trial" text not null, "part" int not null, "count" int not null, "head" text not null, "payload" bytea not null, primary key ("trial", "part"))`,
    );
    this.addSql(
      `create table "metric_heads" ("trial" text not null, "folded" int not null, "seqs" text not null, primary key ("trial"))`,
    );
    this.addSql(
      `create table "metric_shelves" ("trial" text not null, "shelf" int not null, "names" text not null, "stats" bytea not null, primary key ("trial", "shelf"))`,
    );
    this.addSql(
      `create table "metric_pieces" ("trial" text not null, "shelf" int not null, "part" int not null, "head" text not null, "payload" bytea not null, primary key ("trial", "shelf", "part"))`,
    );
    this.addSql(
      `create table "metric_chunks" ("trial" text not null, "metric" int not null, "chunk" int not null, "count" int not null, "low_step" double precision not null, "high_step" double precision not null, "low_wall" double precision not null, "high_wall" double precision not null, "top" bytea not null, "coarse" bytea not null, "fine" bytea not null, "points" bytea not null, primary key ("trial", "metric", "chunk"))`,
    );
    // Float64 hardly gets smaller by what the database would try on it, and trying costs more than writing.
    for (const [table, columns] of [
      ['point_parts', ['payload']],
      ['metric_pieces', ['payload']],
      ['metric_chunks', ['coarse', 'fine', 'points']],
    ] as const) {
      for (const column of columns) this.addSql(`alter table "${table}" alter column "${column}" set storage external`);
    }
    // What was stored a row a metric becomes parts: the metrics of a trial are numbered in the order they appeared.
    this.addSql(`with firsts as (
      select trial, key, min(array[part, seq]) as first from point_batches group by trial, key
    ), numbered as (
      select trial, key, first[1] as part, row_number() over (partition by trial order by first, key) - 1 as metric from firsts
    ), fresh as (
      select trial, part, json_agg(key order by metric) as names from numbered group by trial, part
    ), parts as (
      select b.trial, b.part, sum(b.count) as count,
        json_agg(json_build_array('code', b.seq) order by b.seq, n.metric) as batches,
        json_agg(json_build_array(n.metric, b.count) order by b.seq, n.metric) as columns,
        string_agg(b.steps || b.walls || b.readings, '' order by b.seq, n.metric) as payload
      from point_batches b join numbered n on n.trial = b.trial and n.key = b.key group by b.trial, b.part
    )
    insert into point_parts (trial, part, count, head, payload)
      select p.trial, p.part, p.count,
        json_build_object('batches', p.batches, 'fresh', coalesce(f.names, '[]'::json), 'columns', p.columns)::text, p.payload
      from parts p left join fresh f on f.trial = p.trial and f.part = p.part`);
    this.addSql(`drop table "point_batches"`);
  }
}
