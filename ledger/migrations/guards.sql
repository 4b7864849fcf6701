-- What the database itself refuses. Names of constraints are stable: ledger/refusals.py turns them into sentences.

-- Everybody who posts shares this lock of the company; whoever closes a period, moves a lock date or sets a limit
-- takes it alone, and so waits for posters in flight and is seen by all that come after.
CREATE FUNCTION public.ledger_books_lock(p_company uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashtextextended('books:' || p_company::text, 0) $$;

-- Locks that are waited for guard nothing when the statement after them still reads an older snapshot.
CREATE FUNCTION public.ledger_needs_read_committed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'the books are written in READ COMMITTED transactions only'
      USING ERRCODE = 'invalid_transaction_state', CONSTRAINT = 'read_committed';
  END IF;
END $$;

-- Whether the actor may post behind a lock on this day: by an exception that another person approved and that lasts.
CREATE FUNCTION public.ledger_lock_excepted(p_company uuid, p_kind text, p_date date) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.accounting_lockexception x
    WHERE x.company_id = p_company AND x.kind = p_kind AND x.start <= p_date AND x.approved_at IS NOT NULL
      AND x.revoked_at IS NULL AND x.expires_at > clock_timestamp()
      AND (x.person_id IS NULL OR x.person_id = nullif(current_setting('app.actor_id', true), '')::uuid));
END $$;

-- C6: an entry needs an open period and must lie after every lock date that concerns its journal.
CREATE FUNCTION public.ledger_guard_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  v_company uuid; v_companies uuid[]; v_dates date[]; v_journals uuid[]; v_excused boolean[]; v_bad record;
BEGIN
  PERFORM public.ledger_needs_read_committed();
  SELECT array_agg(g.company_id), array_agg(g.date), array_agg(g.journal_id), array_agg(g.excused)
    INTO v_companies, v_dates, v_journals, v_excused
    FROM (SELECT DISTINCT company_id, date, journal_id, reason <> '' AS excused FROM new_entries) g;
  IF v_companies IS NULL THEN RETURN NULL; END IF;
  FOR v_company IN SELECT DISTINCT c FROM unnest(v_companies) c ORDER BY c LOOP
    PERFORM pg_advisory_xact_lock_shared(public.ledger_books_lock(v_company));
  END LOOP;
  SELECT w.date, p.status, l.until, j.is_active INTO v_bad
    FROM unnest(v_companies, v_dates, v_journals, v_excused) w(company_id, date, journal_id, excused)
    LEFT JOIN public.accounting_period p
      ON p.company_id = w.company_id AND p.start <= w.date AND p."end" >= w.date
    LEFT JOIN public.ledger_journal j ON j.company_id = w.company_id AND j.id = w.journal_id
    LEFT JOIN public.accounting_lockdate l
      ON l.company_id = w.company_id AND l.until >= w.date AND (l.kind = 'all' OR l.kind = j.kind)
        AND NOT public.ledger_lock_excepted(w.company_id, l.kind, w.date)
    WHERE p.id IS NULL OR p.status = 'closed' OR (p.status = 'soft_closed' AND NOT w.excused)
       OR l.until IS NOT NULL OR j.is_active IS NOT TRUE
    ORDER BY w.date LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF v_bad.is_active IS NOT TRUE THEN
    RAISE EXCEPTION 'the journal is not active' USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_active';
  ELSIF v_bad.status IS NULL THEN
    RAISE EXCEPTION '% lies in no fiscal year', v_bad.date
      USING ERRCODE = 'check_violation', CONSTRAINT = 'period_exists', DETAIL = v_bad.date::text;
  ELSIF v_bad.until IS NOT NULL THEN
    RAISE EXCEPTION 'the books are locked up to %', v_bad.until
      USING ERRCODE = 'check_violation', CONSTRAINT = 'books_locked', DETAIL = v_bad.date::text;
  ELSIF v_bad.status = 'closed' THEN
    RAISE EXCEPTION 'the period of % is closed', v_bad.date
      USING ERRCODE = 'check_violation', CONSTRAINT = 'period_open', DETAIL = v_bad.date::text;
  END IF;
  RAISE EXCEPTION 'the period of % is soft-closed', v_bad.date
    USING ERRCODE = 'check_violation', CONSTRAINT = 'period_soft_closed', DETAIL = v_bad.date::text;
END $$;

CREATE TRIGGER guard_entries AFTER INSERT ON public.ledger_entry REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_guard_entries();

-- C1, C2, C7, C11: the lines of an entry arrive together, once, balanced, on accounts that take them, as precise as
-- their unit allows, and keep every limit. The transition table is read alone, first, into arrays.
CREATE FUNCTION public.ledger_guard_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  v_companies uuid[]; v_entries uuid[]; v_counts int[]; v_numbered boolean[]; v_sums numeric[]; v_statistical boolean;
  v_accounts uuid[]; v_currencies text[]; v_detailed boolean[]; v_monetary boolean[]; v_unequal boolean[];
  v_unrated boolean[]; v_scales int[]; v_base_scales int[]; v_limited boolean; v_tax_locked boolean;
  v_budgeted boolean; v_open uuid[]; v_bad record;
BEGIN
  -- Lines are numbered 1 to n in one statement: a second statement would need number n again, which is taken.
  SELECT array_agg(g.company_id), array_agg(g.entry_id), array_agg(g.lines), array_agg(g.numbered), array_agg(g.total),
      bool_or(g.statistical)
    INTO v_companies, v_entries, v_counts, v_numbered, v_sums, v_statistical
    FROM (SELECT company_id, entry_id, count(*)::int AS lines, min(number) = 1 AND max(number) = count(*) AS numbered,
                 sum(amount) AS total, bool_or(statistical) AS statistical
          FROM new_lines GROUP BY company_id, entry_id) g;
  IF v_entries IS NULL THEN RETURN NULL; END IF;
  SELECT w.entry_id, w.total, e.posted_xid, w.lines, e.line_count INTO v_bad
    FROM unnest(v_companies, v_entries, v_counts, v_numbered, v_sums) w(company_id, entry_id, lines, numbered, total)
    -- LATERAL with LIMIT: always one index look-up an entry, whatever the planner believes of a growing table.
    LEFT JOIN LATERAL (SELECT h.posted_xid, h.line_count FROM public.ledger_entry h
      WHERE h.company_id = w.company_id AND h.id = w.entry_id LIMIT 1) e ON true
    WHERE w.total <> 0 OR e.posted_xid IS DISTINCT FROM pg_current_xact_id() OR e.line_count <> w.lines
       OR NOT w.numbered
    LIMIT 1;
  IF FOUND AND v_bad.posted_xid IS DISTINCT FROM pg_current_xact_id() THEN
    RAISE EXCEPTION 'entry % is already posted and takes no more lines', v_bad.entry_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_final', DETAIL = v_bad.entry_id::text;
  ELSIF FOUND AND v_bad.total <> 0 THEN
    RAISE EXCEPTION 'entry % is out of balance by %', v_bad.entry_id, trim_scale(v_bad.total)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances', DETAIL = v_bad.entry_id::text;
  ELSIF FOUND THEN
    RAISE EXCEPTION 'entry % announced lines 1 to % and got % lines', v_bad.entry_id, v_bad.line_count, v_bad.lines
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_whole', DETAIL = v_bad.entry_id::text;
  END IF;
  IF v_statistical THEN
    SELECT n.entry_id, n.currency, sum(n.currency_amount) AS total INTO v_bad FROM new_lines n WHERE n.statistical
      GROUP BY n.company_id, n.entry_id, n.currency HAVING sum(n.currency_amount) <> 0 LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'entry % is out of balance by % %', v_bad.entry_id, trim_scale(v_bad.total), v_bad.currency
        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances', DETAIL = v_bad.entry_id::text;
    END IF;
  END IF;
  SELECT array_agg(d.company_id), array_agg(d.account_id), array_agg(d.currency), array_agg(d.detailed),
      array_agg(d.monetary), array_agg(d.unequal), array_agg(d.unrated), array_agg(d.scale), array_agg(d.base_scale)
    INTO v_companies, v_accounts, v_currencies, v_detailed, v_monetary, v_unequal, v_unrated, v_scales, v_base_scales
    FROM (SELECT company_id, account_id, currency, sub_account_id IS NOT NULL AS detailed,
                 bool_or(NOT statistical) AS monetary,
                 bool_or(NOT statistical AND amount <> currency_amount) AS unequal,
                 -- An exchange difference has no amount in its currency, and so no rate.
                 bool_or(NOT statistical AND rate IS NULL AND currency_amount <> 0) AS unrated,
                 max(min_scale(currency_amount)) AS scale, max(min_scale(amount)) AS base_scale
          FROM new_lines GROUP BY 1, 2, 3, 4) d;
  PERFORM public.ledger_check_accounts(v_companies, v_accounts, v_currencies, v_monetary, v_unequal, v_unrated, v_scales,
    v_base_scales, v_detailed);
  SELECT EXISTS (SELECT 1 FROM public.ledger_limit WHERE company_id = ANY (v_companies)),
         EXISTS (SELECT 1 FROM public.accounting_lockdate WHERE company_id = ANY (v_companies) AND kind = 'tax'),
         EXISTS (SELECT 1 FROM public.ledger_budget
           WHERE company_id = ANY (v_companies) AND state = 'active' AND control = 'stop'),
         (SELECT array_agg(a.id) FROM public.accounting_account a
           WHERE a.company_id = ANY (v_companies) AND a.id = ANY (v_accounts) AND a.open_item)
    INTO v_limited, v_tax_locked, v_budgeted, v_open;
  IF v_open IS NOT NULL THEN
    INSERT INTO public.ledger_openline (id, company_id, account_id, sub_account_id, date)
      SELECT n.id, n.company_id, n.account_id, n.sub_account_id, n.date FROM new_lines n WHERE n.account_id = ANY (v_open);
  END IF;
  IF v_tax_locked THEN
    PERFORM public.ledger_check_tax_lock(v_companies, v_entries, v_accounts);
  END IF;
  IF v_limited THEN
    PERFORM public.ledger_keep_limits(g.companies, g.accounts, g.sub_accounts, g.currencies, g.totals)
      FROM (SELECT array_agg(d.company_id) companies, array_agg(d.account_id) accounts,
                   array_agg(d.sub_account_id) sub_accounts, array_agg(d.currency) currencies, array_agg(d.total) totals
            FROM (SELECT company_id, account_id, sub_account_id, currency, sum(currency_amount) AS total
                  FROM new_lines GROUP BY 1, 2, 3, 4) d) g;
  END IF;
  IF v_budgeted THEN
    PERFORM public.ledger_keep_budgets(v_companies, v_entries, v_accounts);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION public.ledger_check_accounts(p_companies uuid[], p_accounts uuid[], p_currencies text[],
  p_monetary boolean[], p_unequal boolean[], p_unrated boolean[], p_scales int[], p_base_scales int[], p_detailed boolean[]
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_bad record;
BEGIN
  SELECT a.code, a.status, a.subtype, a.control, a.currency AS only_currency, w.currency, u.decimals, b.decimals AS base_decimals,
         w.scale, w.base_scale, w.detailed, w.monetary, w.unequal, w.unrated, u.id AS unit_id, u.kind, c.base_currency
    INTO v_bad
    FROM unnest(p_companies, p_accounts, p_currencies, p_monetary, p_unequal, p_unrated, p_scales, p_base_scales,
      p_detailed) w(company_id, account_id, currency, monetary, unequal, unrated, scale, base_scale, detailed)
    JOIN public.tenants_company c ON c.id = w.company_id
    LEFT JOIN public.accounting_account a ON a.company_id = w.company_id AND a.id = w.account_id
    LEFT JOIN public.accounting_unit u ON u.company_id = w.company_id AND u.code = w.currency
    LEFT JOIN public.accounting_unit b ON b.company_id = w.company_id AND b.code = c.base_currency
    WHERE a.status IS DISTINCT FROM 'active' OR a.subtype = 'heading' OR (a.control AND NOT w.detailed)
       OR (a.currency <> '' AND a.currency <> w.currency AND w.currency <> c.base_currency)
       OR u.id IS NULL OR w.scale > u.decimals OR w.base_scale > b.decimals
       OR (u.kind = 'statistical' AND w.monetary)
       OR CASE WHEN w.currency = c.base_currency THEN w.unequal ELSE w.unrated END
    LIMIT 1;
  IF NOT FOUND THEN RETURN; END IF;
  IF v_bad.subtype = 'heading' THEN
    RAISE EXCEPTION 'account % is a heading', v_bad.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'account_takes_lines', DETAIL = v_bad.code;
  ELSIF v_bad.status IS DISTINCT FROM 'active' THEN
    RAISE EXCEPTION 'account % is %', v_bad.code, v_bad.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'account_active', DETAIL = coalesce(v_bad.code, '');
  ELSIF v_bad.control AND NOT v_bad.detailed THEN
    RAISE EXCEPTION 'control account % needs a sub-account', v_bad.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sub_account_given', DETAIL = v_bad.code;
  ELSIF v_bad.unit_id IS NULL THEN
    RAISE EXCEPTION 'unit % is not defined', v_bad.currency
      USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_known', DETAIL = v_bad.currency;
  ELSIF v_bad.only_currency <> '' AND v_bad.only_currency <> v_bad.currency
        AND v_bad.currency <> v_bad.base_currency THEN
    RAISE EXCEPTION 'account % takes only %', v_bad.code, v_bad.only_currency
      USING ERRCODE = 'check_violation', CONSTRAINT = 'account_currency', DETAIL = v_bad.code;
  ELSIF v_bad.kind = 'statistical' AND v_bad.monetary THEN
    RAISE EXCEPTION '% is a statistical unit and no money', v_bad.currency
      USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_kind', DETAIL = v_bad.currency;
  ELSIF (CASE WHEN v_bad.currency = v_bad.base_currency THEN v_bad.unequal ELSE v_bad.unrated END) THEN
    RAISE EXCEPTION 'a line in base currency has one amount, any other carries its rate (account %)', v_bad.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'base_amount', DETAIL = v_bad.code;
  END IF;
  RAISE EXCEPTION 'an amount of account % is more precise than its unit', v_bad.code
    USING ERRCODE = 'check_violation', CONSTRAINT = 'amount_precision', DETAIL = v_bad.code;
END $$;

-- The lock date of tax closes the tax accounts: what was declared does not change under the declaration.
CREATE FUNCTION public.ledger_check_tax_lock(p_companies uuid[], p_entries uuid[], p_accounts uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_bad record;
BEGIN
  SELECT e.date, x.until INTO v_bad
    FROM public.ledger_entry e
    JOIN public.ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
    JOIN public.accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
      AND a.subtype IN ('tax_payable', 'tax_receivable')
    JOIN public.accounting_lockdate x ON x.company_id = e.company_id AND x.kind = 'tax' AND x.until >= e.date
      AND NOT public.ledger_lock_excepted(e.company_id, 'tax', e.date)
    WHERE e.company_id = ANY (p_companies) AND e.id = ANY (p_entries) AND a.id = ANY (p_accounts)
    ORDER BY e.date LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the tax accounts are locked up to %', v_bad.until
      USING ERRCODE = 'check_violation', CONSTRAINT = 'tax_locked', DETAIL = v_bad.date::text;
  END IF;
END $$;

-- Limit rows are locked in one order, deltas summed first: no deadlock between postings, no lost update.
CREATE FUNCTION public.ledger_keep_limits(p_companies uuid[], p_accounts uuid[], p_sub_accounts uuid[], p_currencies text[],
  p_totals numeric[]
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_ids uuid[]; v_totals numeric[];
BEGIN
  -- Only the limits that move: two wallets of one account do not wait for each other.
  SELECT array_agg(d.id), array_agg(d.total) INTO v_ids, v_totals FROM (
    SELECT m.id, sum(m.total) AS total FROM (
      SELECT l.id, w.total
        FROM unnest(p_companies, p_accounts, p_sub_accounts, p_currencies, p_totals)
          w(company_id, account_id, sub_account_id, currency, total)
        JOIN public.ledger_limit l ON l.company_id = w.company_id AND l.account_id = w.account_id
          AND l.sub_account_id = w.sub_account_id AND l.currency = w.currency
      UNION ALL
      SELECT l.id, w.total
        FROM unnest(p_companies, p_accounts, p_currencies, p_totals) w(company_id, account_id, currency, total)
        JOIN public.ledger_limit l ON l.company_id = w.company_id AND l.account_id = w.account_id
          AND l.sub_account_id IS NULL AND l.currency = w.currency) m
    GROUP BY m.id) d;
  IF v_ids IS NULL THEN RETURN; END IF;
  PERFORM 1 FROM public.ledger_limit l
    WHERE l.company_id = ANY (p_companies) AND l.id = ANY (v_ids) ORDER BY l.company_id, l.id FOR NO KEY UPDATE;
  UPDATE public.ledger_limit l SET balance = l.balance + d.total, sequence = l.sequence + 1
    FROM unnest(v_ids, v_totals) d(id, total) WHERE l.id = d.id AND l.company_id = ANY (p_companies);
END $$;

CREATE TRIGGER guard_lines AFTER INSERT ON public.ledger_line REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_guard_lines();

-- C1 at commit: a header without its lines is refused, and a reversal mirrors its original exactly.
CREATE FUNCTION public.ledger_entry_complete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.ledger_line WHERE company_id = NEW.company_id AND entry_id = NEW.id) THEN
    RAISE EXCEPTION 'entry % has no lines', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_whole', DETAIL = NEW.id::text;
  END IF;
  -- Asked in two steps: a query that is not needed is not started, for each of ten thousand entries.
  IF NEW.reverses_id IS NULL THEN RETURN NULL; END IF;
  IF EXISTS (
    SELECT 1 FROM public.ledger_line WHERE company_id = NEW.company_id AND entry_id IN (NEW.id, NEW.reverses_id)
    GROUP BY account_id, sub_account_id, currency, statistical HAVING sum(amount) <> 0 OR sum(currency_amount) <> 0) THEN
    RAISE EXCEPTION 'entry % does not mirror the entry it reverses', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reversal_mirrors', DETAIL = NEW.id::text;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER entry_complete AFTER INSERT ON public.ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION public.ledger_entry_complete();

-- Closing, reopening and lock dates wait for posters in flight.
CREATE FUNCTION public.ledger_lock_books() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM public.ledger_needs_read_committed();
  PERFORM pg_advisory_xact_lock(public.ledger_books_lock(coalesce(NEW.company_id, OLD.company_id)));
  IF TG_TABLE_NAME = 'accounting_period' AND TG_OP = 'UPDATE' THEN
    IF (NEW.start, NEW."end", NEW.fiscal_year_id, NEW.company_id)
       IS DISTINCT FROM (OLD.start, OLD."end", OLD.fiscal_year_id, OLD.company_id) THEN
      RAISE EXCEPTION 'the days of a period do not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'period_days_fixed';
    END IF;
  ELSIF TG_TABLE_NAME = 'accounting_period' AND TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM public.ledger_entry WHERE company_id = OLD.company_id AND date BETWEEN OLD.start AND OLD."end")
    THEN
      RAISE EXCEPTION 'a period with entries stays'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'period_days_fixed';
    END IF;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER lock_books BEFORE UPDATE OR DELETE ON public.accounting_period
  FOR EACH ROW EXECUTE FUNCTION public.ledger_lock_books();
CREATE TRIGGER lock_books BEFORE INSERT OR UPDATE OR DELETE ON public.accounting_lockdate
  FOR EACH ROW EXECUTE FUNCTION public.ledger_lock_books();

-- What gives past lines their meaning does not change under them; posters in flight are waited for.
CREATE FUNCTION public.ledger_keep_meaning() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_scope text := coalesce(current_setting('app.company_id', true), '');
BEGIN
  IF TG_TABLE_NAME = 'tenants_company' THEN
    IF NEW.base_currency = OLD.base_currency THEN RETURN NEW; END IF;
    -- The table is open to every scope, its entries are not: look at them in the scope of the company that changes.
    PERFORM set_config('app.company_id', NEW.id::text, true);
    PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_books_lock(NEW.id));
    IF EXISTS (SELECT 1 FROM public.ledger_entry WHERE company_id = NEW.id) THEN
      RAISE EXCEPTION 'the base currency of kept books does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'base_currency_fixed';
    END IF;
    PERFORM set_config('app.company_id', v_scope, true);
  ELSIF TG_TABLE_NAME = 'accounting_unit' THEN
    IF NEW.code = OLD.code AND NEW.kind = OLD.kind AND NEW.decimals >= OLD.decimals THEN RETURN NEW; END IF;
    PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_books_lock(NEW.company_id));
    IF EXISTS (SELECT 1 FROM public.ledger_line WHERE company_id = NEW.company_id AND currency = OLD.code) THEN
      RAISE EXCEPTION 'a unit with lines keeps its code, kind and precision'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_fixed';
    END IF;
  ELSIF NEW.type <> OLD.type THEN
    PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_books_lock(NEW.company_id));
    IF EXISTS (SELECT 1 FROM public.ledger_line WHERE company_id = NEW.company_id AND account_id = NEW.id) THEN
      RAISE EXCEPTION 'an account with lines keeps its type'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_type_fixed';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER keep_meaning BEFORE UPDATE OF base_currency ON public.tenants_company
  FOR EACH ROW EXECUTE FUNCTION public.ledger_keep_meaning();
CREATE TRIGGER keep_meaning BEFORE UPDATE ON public.accounting_unit
  FOR EACH ROW EXECUTE FUNCTION public.ledger_keep_meaning();
CREATE TRIGGER keep_meaning BEFORE UPDATE OF type ON public.accounting_account
  FOR EACH ROW EXECUTE FUNCTION public.ledger_keep_meaning();

-- A line's sub-account belongs to the line's account, and its date is the entry's.
ALTER TABLE public.ledger_line
  ADD CONSTRAINT ledger_line_entry_dated FOREIGN KEY (company_id, entry_id, date)
    REFERENCES public.ledger_entry (company_id, id, date),
  ADD CONSTRAINT ledger_line_sub_account_of_account FOREIGN KEY (company_id, account_id, sub_account_id)
    REFERENCES public.accounting_subaccount (company_id, account_id, id),
  DROP CONSTRAINT ledger_line_entry_id_company,
  DROP CONSTRAINT ledger_line_sub_account_id_company,
  -- C11: a column type with decimals would round what is too precise, in silence; a CHECK refuses it.
  ALTER COLUMN amount TYPE numeric,
  ALTER COLUMN currency_amount TYPE numeric,
  ALTER COLUMN rate TYPE numeric,
  ADD CONSTRAINT line_precision CHECK (min_scale(amount) <= 6 AND min_scale(currency_amount) <= 12
    AND (rate IS NULL OR min_scale(rate) <= 12)),
  ADD CONSTRAINT line_size CHECK (abs(amount) < 1e18 AND abs(currency_amount) < 1e18 AND (rate IS NULL OR rate < 1e12)),
  -- NaN is above every number and has no scale, so it would pass the other checks.
  ADD CONSTRAINT line_is_number CHECK (amount <> 'NaN' AND currency_amount <> 'NaN' AND (rate IS NULL OR rate <> 'NaN'));
ALTER TABLE public.ledger_limit
  ADD CONSTRAINT ledger_limit_sub_account_of_account FOREIGN KEY (company_id, account_id, sub_account_id)
    REFERENCES public.accounting_subaccount (company_id, account_id, id),
  DROP CONSTRAINT ledger_limit_sub_account_id_company,
  ADD CONSTRAINT limit_is_number CHECK (balance <> 'NaN' AND (floor IS NULL OR floor <> 'NaN')
    AND (ceiling IS NULL OR ceiling <> 'NaN'));
