-- The sealer: numbers finished entries, rolls their lines up, and chains them into a block.

-- RFC 6962 tree head over the leaves in order; an unpaired node rises to the next level unchanged.
CREATE FUNCTION public.ledger_merkle_root(p_leaves bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE v_level bytea[] := p_leaves; v_next bytea[]; v_count int; i int;
BEGIN
  v_count := coalesce(cardinality(v_level), 0);
  IF v_count = 0 THEN RETURN sha256(''::bytea); END IF;
  WHILE v_count > 1 LOOP
    SELECT array_agg(CASE WHEN b.node IS NULL THEN a.node ELSE sha256('\x01'::bytea || a.node || b.node) END ORDER BY a.n)
      INTO v_next
      FROM unnest(v_level) WITH ORDINALITY a(node, n)
      LEFT JOIN unnest(v_level) WITH ORDINALITY b(node, n) ON b.n = a.n + 1
      WHERE a.n % 2 = 1;
    v_level := v_next; v_count := cardinality(v_level);
  END LOOP;
  RETURN v_level[1];
END $$;

CREATE FUNCTION public.ledger_seal_leaf(p_leaf bytea, p_entry uuid, p_number_text text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT sha256('\x00'::bytea || p_leaf || uuid_send(p_entry) || convert_to(p_number_text, 'UTF8')) $$;

CREATE FUNCTION public.ledger_block_hash(p_company uuid, p_number bigint, p_previous bytea, p_root bytea, p_entries int,
  p_lines int, p_debit numeric, p_sealed_at timestamptz, p_epoch int, p_watermark xid8
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to('daybook block 1', 'UTF8') || uuid_send(p_company) || int8send(p_number) || p_previous || p_root
    || int4send(p_entries) || int4send(p_lines) || convert_to(public.ledger_field(trim_scale(p_debit)::text), 'UTF8')
    || int8send((extract(epoch FROM p_sealed_at) * 1000000)::bigint)
    || int4send(p_epoch) || convert_to(public.ledger_field(p_watermark::text), 'UTF8')) $$;

-- Seals what is finished: entries of transactions below the oldest one still running, so that a late committer is
-- never left behind. Returns how many entries the new block holds; 0 when there is nothing, or another sealer is at it.
-- A block without entries is made where one is asked for: what was settled since the last is known at it.
CREATE FUNCTION public.ledger_seal(p_company uuid, p_even_empty boolean DEFAULT false) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN public.ledger_seal_below(p_company, pg_snapshot_xmin(pg_current_snapshot()), p_even_empty);
END $$;

-- Seals the entries of transactions below the watermark. The caller vouches that no other will ever commit below it.
CREATE FUNCTION public.ledger_seal_below(p_company uuid, p_watermark xid8, p_even_empty boolean) RETURNS int LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
  s public.ledger_sealstate; v_block bigint; v_root bytea; v_entries int; v_lines int; v_debit numeric;
  v_now timestamptz := clock_timestamp(); v_hash bytea;
BEGIN
  -- Asked first: ON CONFLICT alone would wait for a sealer that is changing the row.
  IF NOT EXISTS (SELECT 1 FROM public.ledger_sealstate WHERE company_id = p_company) THEN
    INSERT INTO public.ledger_sealstate (id, company_id, epoch, next_xid, block_number, head)
      VALUES (gen_random_uuid(), p_company, 1, '0', 0, sha256(convert_to('daybook ', 'UTF8') || uuid_send(p_company)))
      ON CONFLICT (company_id) DO NOTHING;
  END IF;
  SELECT * INTO s FROM public.ledger_sealstate WHERE company_id = p_company FOR UPDATE SKIP LOCKED;
  -- Read before the row was held, the watermark may be older than that of a sealer who was quicker: it never goes back.
  IF NOT FOUND OR p_watermark < s.next_xid THEN RETURN 0; END IF;
  v_block := s.block_number + 1;

  WITH waiting AS (
    SELECT e.id, e.leaf_hash, j.code || '-' || coalesce(y.name, extract(year FROM e.date)::text) AS series,
           row_number() OVER (ORDER BY e.posted_xid, e.id) AS place
    FROM public.ledger_entry e
    JOIN public.ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
    LEFT JOIN public.accounting_fiscalyear y ON y.company_id = e.company_id AND e.date BETWEEN y.start AND y."end"
    WHERE e.company_id = p_company AND e.epoch = s.epoch AND e.posted_xid >= s.next_xid AND e.posted_xid < p_watermark),
  series AS (
    SELECT w.series, coalesce((SELECT max(x.number) FROM public.ledger_entryseal x
      WHERE x.company_id = p_company AND x.series = w.series), 0) AS used
    FROM waiting w GROUP BY w.series),
  numbered AS (
    SELECT w.*, t.used + row_number() OVER (PARTITION BY w.series ORDER BY w.place) AS number
    FROM waiting w JOIN series t ON t.series = w.series)
  INSERT INTO public.ledger_entryseal (id, company_id, entry_id, block_number, position, series, number, number_text, leaf_hash)
    SELECT gen_random_uuid(), p_company, n.id, v_block, n.place, n.series, n.number,
           n.series || '-' || lpad(n.number::text, greatest(5, length(n.number::text)), '0'), n.leaf_hash
    FROM numbered n;
  GET DIAGNOSTICS v_entries = ROW_COUNT;
  IF v_entries = 0 AND NOT p_even_empty THEN
    UPDATE public.ledger_sealstate SET next_xid = p_watermark WHERE company_id = p_company AND next_xid < p_watermark;
    RETURN 0;
  END IF;

  SELECT public.ledger_merkle_root(array_agg(public.ledger_seal_leaf(x.leaf_hash, x.entry_id, x.number_text) ORDER BY x.position))
    INTO v_root FROM public.ledger_entryseal x WHERE x.company_id = p_company AND x.block_number = v_block;
  PERFORM public.ledger_roll_up(p_company, v_block);
  SELECT count(*), coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) INTO v_lines, v_debit
    FROM public.ledger_entryseal x
    JOIN public.ledger_line l ON l.company_id = x.company_id AND l.entry_id = x.entry_id
    WHERE x.company_id = p_company AND x.block_number = v_block;
  v_hash := public.ledger_block_hash(p_company, v_block, s.head, v_root, v_entries, v_lines, v_debit, v_now,
    s.epoch, p_watermark);
  INSERT INTO public.ledger_block (id, company_id, number, previous_hash, merkle_root, entry_count, line_count, debit_total,
      sealed_at, epoch, watermark, hash)
    VALUES (gen_random_uuid(), p_company, v_block, s.head, v_root, v_entries, v_lines, v_debit, v_now, s.epoch,
      p_watermark, v_hash);
  UPDATE public.ledger_sealstate SET next_xid = p_watermark, block_number = v_block, head = v_hash WHERE company_id = p_company;
  RETURN v_entries;
END $$;

-- Adds the lines of a block to the month, day and sub-account balances.
CREATE FUNCTION public.ledger_roll_up(p_company uuid, p_block bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO public.ledger_daybalance AS b (id, company_id, date, account_id, currency, debit, credit, currency_debit,
      currency_credit, line_count)
    SELECT gen_random_uuid(), p_company, l.date, l.account_id, l.currency,
      coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0), coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0),
      coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount > 0), 0),
      coalesce(-sum(l.currency_amount) FILTER (WHERE l.currency_amount < 0), 0), count(*)
    FROM public.ledger_entryseal x
    JOIN public.ledger_line l ON l.company_id = x.company_id AND l.entry_id = x.entry_id
    WHERE x.company_id = p_company AND x.block_number = p_block GROUP BY l.date, l.account_id, l.currency
    ON CONFLICT (company_id, date, account_id, currency) DO UPDATE SET debit = b.debit + excluded.debit,
      credit = b.credit + excluded.credit, currency_debit = b.currency_debit + excluded.currency_debit,
      currency_credit = b.currency_credit + excluded.currency_credit, line_count = b.line_count + excluded.line_count;
  INSERT INTO public.ledger_monthbalance AS b (id, company_id, month, account_id, currency, debit, credit, currency_debit,
      currency_credit, line_count)
    SELECT gen_random_uuid(), p_company, make_date(extract(year FROM l.date)::int, extract(month FROM l.date)::int, 1),
      l.account_id, l.currency,
      coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0), coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0),
      coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount > 0), 0),
      coalesce(-sum(l.currency_amount) FILTER (WHERE l.currency_amount < 0), 0), count(*)
    FROM public.ledger_entryseal x
    JOIN public.ledger_line l ON l.company_id = x.company_id AND l.entry_id = x.entry_id
    WHERE x.company_id = p_company AND x.block_number = p_block GROUP BY 3, l.account_id, l.currency
    ON CONFLICT (company_id, month, account_id, currency) DO UPDATE SET debit = b.debit + excluded.debit,
      credit = b.credit + excluded.credit, currency_debit = b.currency_debit + excluded.currency_debit,
      currency_credit = b.currency_credit + excluded.currency_credit, line_count = b.line_count + excluded.line_count;
  INSERT INTO public.ledger_subaccountbalance AS b (id, company_id, sub_account_id, account_id, month, currency, debit,
      credit, currency_debit, currency_credit, line_count)
    SELECT gen_random_uuid(), p_company, l.sub_account_id, l.account_id,
      make_date(extract(year FROM l.date)::int, extract(month FROM l.date)::int, 1), l.currency,
      coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0), coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0),
      coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount > 0), 0),
      coalesce(-sum(l.currency_amount) FILTER (WHERE l.currency_amount < 0), 0), count(*)
    FROM public.ledger_entryseal x
    JOIN public.ledger_line l ON l.company_id = x.company_id AND l.entry_id = x.entry_id
    WHERE x.company_id = p_company AND x.block_number = p_block AND l.sub_account_id IS NOT NULL
    GROUP BY l.sub_account_id, l.account_id, 5, l.currency
    ON CONFLICT (company_id, sub_account_id, month, currency) DO UPDATE SET debit = b.debit + excluded.debit,
      credit = b.credit + excluded.credit, currency_debit = b.currency_debit + excluded.currency_debit,
      currency_credit = b.currency_credit + excluded.currency_credit, line_count = b.line_count + excluded.line_count;
END $$;

-- The lines of what is not sealed yet, as the calling statement sees it. The watermark is read first: with its value
-- in hand the planner takes the range of the index, whereas from a join it takes a third of all entries for unsealed.
CREATE FUNCTION public.ledger_tail(p_company uuid)
RETURNS TABLE (entry_id uuid, date date, account_id uuid, sub_account_id uuid, currency text, amount numeric,
  currency_amount numeric)
LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan AS $$
DECLARE v_epoch int; v_next xid8;
BEGIN
  SELECT s.epoch, s.next_xid INTO v_epoch, v_next FROM public.ledger_sealstate s WHERE s.company_id = p_company;
  RETURN QUERY SELECT l.entry_id, l.date, l.account_id, l.sub_account_id, l.currency::text, l.amount, l.currency_amount
    FROM public.ledger_entry e
    JOIN public.ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
    WHERE e.company_id = p_company AND e.epoch = coalesce(v_epoch, 1) AND e.posted_xid >= coalesce(v_next, '0'::xid8);
END $$;

-- After a restore or a move transaction numbers start anew: everything known is finished, so it is sealed, and a new
-- epoch begins.
CREATE FUNCTION public.ledger_open_epoch(p_company uuid) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_epoch int;
BEGIN
  PERFORM public.ledger_needs_read_committed();
  -- Nobody posts meanwhile and a sealer at work is waited for: every entry is finished, whatever number its
  -- transaction had in the cluster that it comes from.
  PERFORM pg_advisory_xact_lock(public.ledger_books_lock(p_company));
  PERFORM 1 FROM public.ledger_sealstate WHERE company_id = p_company FOR UPDATE;
  PERFORM public.ledger_seal_below(p_company, '18446744073709551615', false);
  IF EXISTS (SELECT 1 FROM public.ledger_entry e JOIN public.ledger_sealstate s ON s.company_id = e.company_id
    LEFT JOIN public.ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
    WHERE e.company_id = p_company AND x.id IS NULL) THEN
    RAISE EXCEPTION 'an entry below the watermark is in no block' USING ERRCODE = 'check_violation', CONSTRAINT = 'tail_sealed';
  END IF;
  UPDATE public.ledger_sealstate SET epoch = epoch + 1, next_xid = '0' WHERE company_id = p_company RETURNING epoch INTO v_epoch;
  RETURN v_epoch;
END $$;
