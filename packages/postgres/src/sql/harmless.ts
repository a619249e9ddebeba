/** Harmless built-ins are the functions, operators and types of PostgreSQL that change nothing when they are used. */

interface Names {
  readonly why: string;
  readonly names: string;
}

const functionGroups: readonly Names[] = [
  {
    why: 'aggregates and window functions compute from the rows they are given',
    names: `count sum avg min max bool_and bool_or every bit_and bit_or bit_xor array_agg string_agg
      json_agg jsonb_agg json_object_agg jsonb_object_agg range_agg stddev stddev_pop stddev_samp variance
      var_pop var_samp corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count mode
      percentile_cont percentile_disc row_number rank dense_rank percent_rank cume_dist ntile lag lead
      first_value last_value nth_value grouping`,
  },
  {
    why: 'choices among values, in the grammar itself',
    names: 'coalesce nullif greatest least',
  },
  {
    why: 'arithmetic',
    names: `abs ceil ceiling floor round trunc sign mod div gcd lcm power pow sqrt cbrt exp ln log10 pi
      degrees radians sin cos tan cot asin acos atan atan2 width_bucket factorial min_scale trim_scale`,
  },
  {
    why: 'volatile, for they answer differently each time; they leave nothing behind',
    names: 'random gen_random_uuid clock_timestamp timeofday',
  },
  {
    why: 'it waits and leaves nothing behind: running it again costs time, not truth',
    names: 'pg_sleep pg_sleep_for pg_sleep_until',
  },
  {
    why: 'text in, text out',
    names: `lower upper initcap length char_length character_length octet_length bit_length trim ltrim rtrim
      btrim lpad rpad left right repeat replace reverse translate substring substr position strpos overlay
      concat concat_ws format chr ascii md5 sha224 sha256 sha384 sha512 encode decode to_hex starts_with
      split_part string_to_array string_to_table array_to_string regexp_match regexp_matches regexp_replace
      regexp_split_to_array regexp_split_to_table
      quote_ident quote_literal quote_nullable normalize unistr get_byte get_bit`,
  },
  {
    why: 'date and time arithmetic; the clocks only read',
    names: `now transaction_timestamp statement_timestamp current_time current_timestamp localtime
      localtimestamp date_trunc date_part date_bin extract age to_char to_date to_timestamp to_number
      make_date make_time make_timestamp make_timestamptz make_interval justify_days justify_hours
      justify_interval isfinite timezone overlaps date`,
  },
  {
    why: 'rows and arrays made from values',
    names: `generate_series generate_subscripts unnest array_length array_ndims array_dims array_lower
      array_upper array_append array_prepend array_cat array_position array_positions array_remove
      array_replace array_fill cardinality trim_array num_nulls num_nonnulls`,
  },
  {
    why: 'JSON in, JSON or rows out',
    names: `to_json to_jsonb row_to_json array_to_json json_build_object jsonb_build_object json_build_array
      jsonb_build_array json_object jsonb_object json_typeof jsonb_typeof json_array_length jsonb_array_length
      json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_each
      jsonb_each json_each_text jsonb_each_text json_object_keys jsonb_object_keys json_extract_path
      jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_strip_nulls jsonb_strip_nulls
      jsonb_set jsonb_set_lax jsonb_insert jsonb_pretty jsonb_path_exists jsonb_path_match jsonb_path_query
      jsonb_path_query_array jsonb_path_query_first json_to_record jsonb_to_record json_to_recordset
      jsonb_to_recordset`,
  },
  {
    why: 'text search computes from its arguments and the dictionaries',
    names: `to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
      ts_headline setweight numnode querytree tsvector_to_array array_to_tsvector`,
  },
  {
    why: 'ranges and networks compute from their arguments',
    names: `isempty lower_inc upper_inc lower_inf upper_inf range_merge int4range int8range numrange tsrange
      tstzrange daterange host masklen netmask network broadcast`,
  },
  {
    why: 'they read what the server knows of itself and of its catalogs',
    names: `version current_setting current_database current_schema current_schemas pg_backend_pid
      pg_typeof pg_is_in_recovery pg_postmaster_start_time pg_conf_load_time pg_current_wal_lsn
      pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
      pg_current_xact_id_if_assigned pg_xact_status inet_client_addr inet_client_port inet_server_addr
      inet_server_port pg_size_pretty pg_relation_size pg_table_size pg_indexes_size
      pg_total_relation_size pg_database_size pg_column_size to_regclass to_regtype to_regproc
      to_regnamespace format_type obj_description col_description shobj_description pg_get_expr
      pg_get_constraintdef pg_get_indexdef pg_get_viewdef pg_get_triggerdef pg_get_functiondef
      pg_get_userbyid pg_get_serial_sequence pg_encoding_to_char pg_table_is_visible pg_type_is_visible
      has_table_privilege has_column_privilege has_schema_privilege has_database_privilege
      has_function_privilege has_sequence_privilege pg_has_role`,
  },
];

/**
 * Names of functions that may be called in a statement which is to count as read-only. All are in PostgreSQL since 14:
 * on an older server a newer name would be somebody's own function. Left out on purpose, besides everything that
 * writes: functions that run SQL given as text (query_to_xml, ts_stat), those that tie a session down (currval,
 * advisory locks, pg_export_snapshot), those that assign a transaction id (txid_current), and names so plain that
 * people give them to functions of their own (log).
 */
export const harmlessFunctions: ReadonlySet<string> = namesIn(functionGroups);

/** Types that may have a modifier: `numeric(10, 2)`. What stands before the parenthesis looks like a function. */
export const modifiableTypes: ReadonlySet<string> = namesIn([
  {
    why: 'reserved for types, so no function has these names',
    names: 'bit char character dec decimal float interval nchar numeric time timestamp varchar',
  },
  { why: 'functions of these names are the same casts', names: 'bpchar timestamptz timetz varbit' },
]);

/** Built-in types, whose input functions and casts compute and no more. */
export const builtInTypes: ReadonlySet<string> = namesIn([
  { why: 'may have a modifier', names: [...modifiableTypes].join(' ') },
  {
    why: 'names of the SQL standard',
    names: 'bigint boolean date double int integer national real smallint',
  },
  {
    why: "PostgreSQL's own",
    names: `bool bytea float4 float8 int2 int4 int8 json jsonb money name oid text uuid xml inet cidr macaddr
      point line lseg box path polygon circle tsvector tsquery jsonpath pg_lsn xid xid8 regclass regtype regproc
      regprocedure regnamespace regrole int4range int8range numrange tsrange tstzrange daterange`,
  },
]);

/** Operators that PostgreSQL brings along, and the arrow of named arguments; `?` may be a placeholder as well. */
export const builtInOperators: ReadonlySet<string> = namesIn([
  { why: 'comparison', names: '= <> != < > <= >=' },
  { why: 'arithmetic and bits', names: '+ - * / % ^ |/ ||/ & | # << >>' },
  { why: 'text and patterns', names: '|| ~ ~* !~ !~* ~~ ~~* !~~ !~~* ^@ ~<~ ~<=~ ~>~ ~>=~' },
  {
    why: 'JSON, arrays, ranges, text search',
    names: '-> ->> #> #>> #- @> <@ && @@ @ -|- &< &> ? ?| ?& @?',
  },
  { why: 'networks and geometry', names: '<<= >>= <-> ~= ## @-@ ?- ?# ?-| ?||' },
  { why: 'named arguments', names: '=>' },
]);

function namesIn(groups: readonly Names[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ names }) => names.trim().split(/\s+/)));
}
