-- The one writer of entries and lines. The runtime role has no other way in.

-- One field of a hashed record: its length in bytes, then its text; `-` for none. So no two records share their text.
-- Everything here is immutable SQL over scalars, so that the planner writes it into the calling statement.
CREATE FUNCTION public.ledger_field(p_value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN p_value IS NULL THEN '-' ELSE octet_length(p_value)::text || ':' || p_value END $$;

CREATE FUNCTION public.ledger_line_record(p_number int, p_id uuid, p_account uuid, p_sub_account uuid, p_amount numeric,
  p_currency text, p_currency_amount numeric, p_rate numeric, p_rate_source text, p_statistical boolean, p_memo text,
  p_dimensions jsonb
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_number::text || ';' || p_id::text || p_account::text || coalesce(p_sub_account::text, '-') || ';'
    || trim_scale(p_amount)::text || ';' || public.ledger_field(p_currency)
    || trim_scale(p_currency_amount)::text || ';' || coalesce(trim_scale(p_rate)::text, '-') || ';'
    || public.ledger_field(p_rate_source) || CASE WHEN p_statistical THEN 's' ELSE 'm' END
    || public.ledger_field(p_memo) || public.ledger_field(p_dimensions::text) $$;

-- The leaf of an entry: SHA-256 over everything that an auditor reads of it, lines in order (docs/ledger.md).
CREATE FUNCTION public.ledger_leaf(p_company uuid, p_id uuid, p_journal uuid, p_key text, p_body bytea, p_date date,
  p_memo text, p_reference text, p_line_count int, p_reverses uuid, p_reason text, p_source text, p_source_id uuid,
  p_actor_type text,
  p_actor_id uuid, p_actor_name text, p_request_id text, p_posted_at timestamptz, p_lines text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to('daybook entry 1;' || p_company::text || p_id::text || p_journal::text
    || public.ledger_field(p_key) || encode(p_body, 'hex') || ';' || (p_date - date '1970-01-01')::text || ';' || public.ledger_field(p_memo)
    || public.ledger_field(p_reference) || p_line_count::text || ';' || public.ledger_field(p_reverses::text)
    || public.ledger_field(p_reason) || public.ledger_field(p_source) || public.ledger_field(p_source_id::text)
    || public.ledger_field(p_actor_type) || public.ledger_field(p_actor_id::text) || public.ledger_field(p_actor_name)
    || public.ledger_field(p_request_id) || (extract(epoch FROM p_posted_at) * 1000000)::bigint::text || ';'
    || p_lines, 'UTF8')) $$;

-- The keys of one batch or call, `key#1` to `key#n`, have one lock.
CREATE FUNCTION public.ledger_key_lock(p_company uuid, p_key text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashtextextended('key:' || p_company::text || ':' || regexp_replace(p_key, '#[0-9]+$', ''), 0) $$;

-- From now to the end of the transaction nobody else posts, or is refused, under this key.
CREATE FUNCTION public.ledger_hold_key(p_company uuid, p_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(public.ledger_key_lock(p_company, p_key));
END $$;

-- Shared by whoever posts several keys that have nothing in common: only the first is locked.
CREATE FUNCTION public.ledger_batch_lock(p_company uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashtextextended('batch:' || p_company::text, 0) $$;

-- Posts entries with their lines, all or none. A key that was used before answers with its entry (replayed), or with
-- the refusal that was frozen under it; a key used with another body raises `key_reused`.
CREATE FUNCTION public.ledger_post(p_company uuid,
  e_id uuid[], e_journal uuid[], e_key text[], e_hash bytea[], e_date date[], e_memo text[], e_reference text[],
  e_lines int[], e_reverses uuid[], e_reason text[], e_source text[], e_source_id uuid[],
  l_id uuid[], l_entry uuid[], l_number int[], l_account uuid[], l_sub_account uuid[], l_amount numeric[],
  l_currency text[], l_currency_amount numeric[], l_rate numeric[], l_rate_source text[], l_statistical boolean[],
  l_memo text[], l_dimensions jsonb[]
) RETURNS TABLE (key text, entry_id uuid, replayed boolean, refusal text, message text, place text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := clock_timestamp();
  v_refused boolean; v_epoch int; v_new uuid[]; v_all boolean; v_young boolean := false;
  v_actor_type text := coalesce(nullif(current_setting('app.actor_type', true), ''), 'database');
  v_actor_id uuid := nullif(current_setting('app.actor_id', true), '')::uuid;
  v_actor_name text := coalesce(nullif(current_setting('app.actor_name', true), ''), session_user::text);
  v_request text := coalesce(current_setting('app.request_id', true), '');
BEGIN
  -- The books' lock is shared before the epoch is read: whoever opens an epoch waits for the entries of the old one.
  PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_key_lock(p_company, e_key[1])),
    pg_advisory_xact_lock_shared(public.ledger_books_lock(p_company));
  IF EXISTS (SELECT 1 FROM unnest(e_key) k
             WHERE public.ledger_key_lock(p_company, k) <> public.ledger_key_lock(p_company, e_key[1])) THEN
    PERFORM pg_advisory_xact_lock_shared(public.ledger_batch_lock(p_company));
  END IF;
  SELECT EXISTS (SELECT 1 FROM public.ledger_refusal r WHERE r.company_id = p_company AND r.key = ANY (e_key)),
         coalesce((SELECT s.epoch FROM public.ledger_sealstate s WHERE s.company_id = p_company), 1)
    INTO v_refused, v_epoch;
  IF v_refused THEN
    RETURN QUERY SELECT * FROM public.ledger_refused_before(p_company, e_key, e_hash);
    RETURN;
  END IF;

  -- In key order: two batches with the same keys wait for each other instead of deadlocking.
  WITH added AS (
    INSERT INTO public.ledger_entry (id, company_id, journal_id, key, body_hash, date, memo, reference, line_count,
        reverses_id, reason, source, source_id, actor_type, actor_id, actor_name, request_id, posted_at, posted_xid,
        epoch, leaf_hash)
      SELECT e.id, p_company, e.journal, e.key, e.hash, e.date, e.memo, e.reference, e.lines, e.reverses, e.reason,
        e.source, e.source_id, v_actor_type, v_actor_id, v_actor_name, v_request, v_now, pg_current_xact_id(), v_epoch,
        public.ledger_leaf(p_company, e.id, e.journal, e.key, e.hash, e.date, e.memo, e.reference, e.lines, e.reverses, e.reason,
          e.source, e.source_id, v_actor_type, v_actor_id, v_actor_name, v_request, v_now, coalesce(d.records, ''))
      FROM unnest(e_id, e_journal, e_key, e_hash, e_date, e_memo, e_reference, e_lines, e_reverses, e_reason, e_source,
        e_source_id) e(id, journal, key, hash, date, memo, reference, lines, reverses, reason, source, source_id)
      LEFT JOIN (
        SELECT l.entry, string_agg(public.ledger_line_record(l.number, l.id, l.account, l.sub_account, l.amount,
            l.currency, l.currency_amount, l.rate, l.rate_source, l.statistical, l.memo, l.dimensions), ''
            ORDER BY l.number) AS records
        FROM unnest(l_id, l_entry, l_number, l_account, l_sub_account, l_amount, l_currency, l_currency_amount, l_rate,
          l_rate_source, l_statistical, l_memo, l_dimensions) l(id, entry, number, account, sub_account, amount,
          currency, currency_amount, rate, rate_source, statistical, memo, dimensions)
        GROUP BY l.entry) d ON d.entry = e.id
      ORDER BY e.key
      ON CONFLICT (company_id, key) DO NOTHING
      RETURNING id)
  SELECT coalesce(array_agg(added.id), '{}') INTO v_new FROM added;

  v_all := cardinality(v_new) = cardinality(e_id);
  IF NOT v_all THEN
    PERFORM public.ledger_same_body(p_company, e_key, e_hash);
  END IF;
  -- Plans made while the tables were small live on in the session and read a whole table for one row. A first large
  -- batch cannot wait for autovacuum, and its own checks (keys between lines and entries, whole entries) need new
  -- plans too: so each table is analysed before the checks that read it.
  IF cardinality(v_new) >= 100 THEN
    v_young := (SELECT c.reltuples FROM pg_class c WHERE c.oid = 'public.ledger_entry'::regclass) < 2000;
  END IF;
  IF v_young THEN
    ANALYZE (SKIP_LOCKED) public.ledger_entry;
  END IF;
  IF cardinality(v_new) > 0 THEN
    INSERT INTO public.ledger_line (id, company_id, entry_id, number, date, account_id, sub_account_id, amount, currency,
        currency_amount, rate, rate_source, statistical, memo, dimensions)
      SELECT l.id, p_company, l.entry, l.number, e.date, l.account, l.sub_account, l.amount, l.currency,
        l.currency_amount, l.rate, l.rate_source, l.statistical, l.memo, l.dimensions
      FROM unnest(l_id, l_entry, l_number, l_account, l_sub_account, l_amount, l_currency, l_currency_amount, l_rate,
        l_rate_source, l_statistical, l_memo, l_dimensions) l(id, entry, number, account, sub_account, amount, currency,
        currency_amount, rate, rate_source, statistical, memo, dimensions)
      JOIN unnest(e_id, e_date) e(id, date) ON e.id = l.entry
      WHERE v_all OR l.entry = ANY (v_new);
    IF v_young THEN
      ANALYZE (SKIP_LOCKED) public.ledger_line;
    END IF;
    -- Not left to the commit: by then the transaction may have gone on to another company's scope.
    SET CONSTRAINTS public.entry_complete IMMEDIATE;
    SET CONSTRAINTS public.entry_complete DEFERRED;
  END IF;
  IF v_all THEN
    RETURN QUERY SELECT w.key, w.id, false, NULL::text, NULL::text, NULL::text FROM unnest(e_key, e_id) w(key, id);
  ELSE
    RETURN QUERY SELECT e.key::text, e.id, NOT e.id = ANY (v_new), NULL::text, NULL::text, NULL::text
      FROM public.ledger_entry e WHERE e.company_id = p_company AND e.key = ANY (e_key);
  END IF;
END $$;

-- The refusals that are frozen under these keys; `key_reused` where one was frozen for another body.
CREATE FUNCTION public.ledger_refused_before(p_company uuid, e_key text[], e_hash bytea[])
RETURNS TABLE (key text, entry_id uuid, replayed boolean, refusal text, message text, place text)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_bad text;
BEGIN
  SELECT w.key INTO v_bad FROM unnest(e_key, e_hash) w(key, hash)
    JOIN public.ledger_refusal r ON r.company_id = p_company AND r.key = w.key AND r.body_hash <> w.hash LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'key % was used for another body', v_bad
      USING ERRCODE = 'check_violation', CONSTRAINT = 'key_reused', DETAIL = v_bad;
  END IF;
  RETURN QUERY SELECT r.key::text, NULL::uuid, true, r.code::text, r.message, r.place::text
    FROM public.ledger_refusal r WHERE r.company_id = p_company AND r.key = ANY (e_key);
END $$;

-- Raises `key_reused` where an entry stands under one of these keys for another body.
CREATE FUNCTION public.ledger_same_body(p_company uuid, e_key text[], e_hash bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_bad text;
BEGIN
  SELECT w.key INTO v_bad FROM unnest(e_key, e_hash) w(key, hash)
    JOIN public.ledger_entry e ON e.company_id = p_company AND e.key = w.key AND e.body_hash <> w.hash LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'key % was used for another body', v_bad
      USING ERRCODE = 'check_violation', CONSTRAINT = 'key_reused', DETAIL = v_bad;
  END IF;
END $$;

-- Posts like `ledger_post`, and answers a refusal as a row (its SQLSTATE, constraint and detail) where `ledger_post`
-- raises it: the caller's transaction goes on without a savepoint of its own, which would be two more round trips.
-- The lock of the key outlives the refusal: no twin posts between it and its freezing.
-- `p_read` names the generations of master data that the caller looked things up in; when one of them is no longer
-- current, nothing is posted and the answer is `stale`.
CREATE FUNCTION public.ledger_try_post(p_company uuid, p_read uuid[],
  e_id uuid[], e_journal uuid[], e_key text[], e_hash bytea[], e_date date[], e_memo text[], e_reference text[],
  e_lines int[], e_reverses uuid[], e_reason text[], e_source text[], e_source_id uuid[],
  l_id uuid[], l_entry uuid[], l_number int[], l_account uuid[], l_sub_account uuid[], l_amount numeric[],
  l_currency text[], l_currency_amount numeric[], l_rate numeric[], l_rate_source text[], l_statistical boolean[],
  l_memo text[], l_dimensions jsonb[]
) RETURNS TABLE (key text, entry_id uuid, replayed boolean, refusal text, message text, place text,
  sqlstate text, violated text, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE v_message text; v_state text; v_violated text; v_detail text;
BEGIN
  IF (SELECT count(*) FROM public.accounting_generation g
      WHERE g.company_id = p_company AND g.generation = ANY (p_read)) < cardinality(p_read) THEN
    RETURN QUERY SELECT NULL::text, NULL::uuid, false, NULL::text, NULL::text, NULL::text, 'stale', ''::text, ''::text;
    RETURN;
  END IF;
  PERFORM public.ledger_hold_key(p_company, e_key[1]);
  BEGIN
    RETURN QUERY SELECT p.*, ''::text, ''::text, ''::text FROM public.ledger_post(p_company, e_id, e_journal, e_key, e_hash,
      e_date, e_memo, e_reference, e_lines, e_reverses, e_reason, e_source, e_source_id, l_id, l_entry, l_number,
      l_account, l_sub_account, l_amount, l_currency, l_currency_amount, l_rate, l_rate_source, l_statistical, l_memo,
      l_dimensions) p;
  EXCEPTION
    WHEN integrity_constraint_violation OR data_exception OR lock_not_available OR deadlock_detected THEN
      GET STACKED DIAGNOSTICS v_message = MESSAGE_TEXT, v_state = RETURNED_SQLSTATE, v_violated = CONSTRAINT_NAME,
        v_detail = PG_EXCEPTION_DETAIL;
      RETURN QUERY SELECT NULL::text, NULL::uuid, false, NULL::text, v_message, NULL::text, v_state, v_violated, v_detail;
  END;
EXCEPTION
  WHEN lock_not_available OR deadlock_detected THEN
    RETURN QUERY SELECT NULL::text, NULL::uuid, false, NULL::text, SQLERRM, NULL::text, SQLSTATE, ''::text, ''::text;
END $$;

-- Remembers a refusal under its key. False where an entry stands under the key: a batch has posted it meanwhile.
CREATE FUNCTION public.ledger_freeze(p_company uuid, p_key text, p_hash bytea, p_code text, p_message text, p_place text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(public.ledger_key_lock(p_company, p_key)),
    pg_advisory_xact_lock(public.ledger_batch_lock(p_company));
  INSERT INTO public.ledger_refusal (id, company_id, key, body_hash, code, message, place, refused_at)
    SELECT gen_random_uuid(), p_company, p_key, p_hash, p_code, p_message, p_place, clock_timestamp()
    WHERE NOT EXISTS (SELECT 1 FROM public.ledger_entry e WHERE e.company_id = p_company AND e.key = p_key)
    ON CONFLICT (company_id, key) DO NOTHING;
  RETURN EXISTS (SELECT 1 FROM public.ledger_refusal r WHERE r.company_id = p_company AND r.key = p_key);
END $$;

-- Puts a floor or ceiling under an account or sub-account, starting from what its lines say.
CREATE FUNCTION public.ledger_set_limit(p_company uuid, p_account uuid, p_sub_account uuid, p_currency text,
  p_floor numeric, p_ceiling numeric
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE v_id uuid; v_balance numeric;
BEGIN
  PERFORM public.ledger_needs_read_committed();
  PERFORM pg_advisory_xact_lock(public.ledger_books_lock(p_company));
  SELECT coalesce(sum(currency_amount), 0) INTO v_balance FROM public.ledger_line
    WHERE company_id = p_company AND account_id = p_account AND currency = p_currency
      AND (p_sub_account IS NULL OR sub_account_id = p_sub_account);
  INSERT INTO public.ledger_limit AS l (id, company_id, account_id, sub_account_id, currency, balance, floor, ceiling, sequence)
    VALUES (gen_random_uuid(), p_company, p_account, p_sub_account, p_currency, v_balance, p_floor, p_ceiling, 0)
    ON CONFLICT (company_id, account_id, sub_account_id, currency)
    DO UPDATE SET floor = excluded.floor, ceiling = excluded.ceiling
    RETURNING l.id INTO v_id;
  PERFORM public.tenants_note(p_company, 'act', 'ledger_limit', v_id, NULL,
    jsonb_build_object('floor', p_floor, 'ceiling', p_ceiling, 'currency', p_currency));
  RETURN v_id;
END $$;
