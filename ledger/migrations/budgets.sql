-- Budgets: a version changes as a draft alone, and what an active one stops does not enter the books.

ALTER TABLE public.ledger_budget
  ADD CONSTRAINT budget_whole_months CHECK (extract(day FROM start) = 1 AND extract(day FROM "end" + 1) = 1);
ALTER TABLE public.ledger_budgetline
  ALTER COLUMN amount TYPE numeric,
  ADD CONSTRAINT budget_line_amount CHECK (amount <> 'NaN' AND min_scale(amount) <= 6 AND abs(amount) < 1e18);

-- A version moves from draft to active to retired. Whoever begins or ends a stop waits for posters in flight, and is
-- seen by all that come after.
CREATE FUNCTION public.ledger_guard_budget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF (TG_OP = 'INSERT' AND NEW.state <> 'draft') OR (TG_OP = 'DELETE' AND OLD.state <> 'draft')
     OR (TG_OP = 'UPDATE' AND NEW.state <> OLD.state
         AND (OLD.state, NEW.state) NOT IN (('draft', 'active'), ('active', 'retired'))) THEN
    RAISE EXCEPTION 'a budget begins as a draft, becomes active and retires'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_moves', DETAIL = coalesce(NEW.id, OLD.id)::text;
  END IF;
  IF TG_OP <> 'UPDATE' THEN RETURN coalesce(NEW, OLD); END IF;
  IF (NEW.id, NEW.company_id, NEW.name, NEW.number, NEW.start, NEW."end")
       IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.name, OLD.number, OLD.start, OLD."end")
     OR ((NEW.control, NEW.basis, NEW.dimension_id) IS DISTINCT FROM (OLD.control, OLD.basis, OLD.dimension_id)
         AND NOT (OLD.state = 'draft' AND NEW.state = 'draft')) THEN
    RAISE EXCEPTION 'a budget that is % does not change', OLD.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_fixed', DETAIL = OLD.id::text;
  END IF;
  IF NEW.dimension_id IS DISTINCT FROM OLD.dimension_id AND EXISTS (SELECT 1 FROM public.ledger_budgetline l
      WHERE l.company_id = NEW.company_id AND l.budget_id = NEW.id AND l.value_id IS NOT NULL) THEN
    RAISE EXCEPTION 'a budget keeps the dimension that its lines are planned by'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_line_value', DETAIL = OLD.id::text;
  END IF;
  IF NEW.state <> OLD.state AND OLD.control = 'stop' THEN
    PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_books_lock(NEW.company_id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_budget BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_budget
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_budget();

-- Lines change only while their budget is a draft, lie in its months and name values of its dimension. The share lock
-- waits for whoever is just activating it.
CREATE FUNCTION public.ledger_guard_budget_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_budget record; v_line record := coalesce(NEW, OLD);
BEGIN
  SELECT b.state, b.start, b."end", b.dimension_id INTO v_budget FROM public.ledger_budget b
    WHERE b.company_id = v_line.company_id AND b.id = v_line.budget_id FOR SHARE;
  IF v_budget.state <> 'draft' OR (TG_OP = 'UPDATE' AND NEW.budget_id <> OLD.budget_id) THEN
    RAISE EXCEPTION 'a budget that is % does not change', v_budget.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_fixed', DETAIL = v_line.budget_id::text;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF NEW.month NOT BETWEEN v_budget.start AND v_budget."end" THEN
    RAISE EXCEPTION '% lies outside the budget', NEW.month
      USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_line_in_budget', DETAIL = NEW.month::text;
  END IF;
  IF NEW.value_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.accounting_dimensionvalue v
      WHERE v.company_id = NEW.company_id AND v.id = NEW.value_id AND v.dimension_id = v_budget.dimension_id) THEN
    RAISE EXCEPTION 'a line is planned for a value of the dimension of its budget'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_line_value', DETAIL = NEW.value_id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_budget_line BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_budgetline
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_budget_line();

-- What has moved on a budgeted account, debits above zero, by planned value (none: lines that carry no planned value)
-- and month; `added` is what these entries brought. The closing of a year is not spent, and so left out.
CREATE FUNCTION public.ledger_budget_moved(p_company uuid, p_budget uuid, p_account uuid, p_entries uuid[])
RETURNS TABLE (value_id uuid, month date, actual numeric, added numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE v_start date; v_end date; v_dimension text; v_values uuid[]; v_codes text[];
BEGIN
  SELECT b.start, b."end", d.code INTO v_start, v_end, v_dimension FROM public.ledger_budget b
    LEFT JOIN public.accounting_dimension d ON d.company_id = b.company_id AND d.id = b.dimension_id
    WHERE b.company_id = p_company AND b.id = p_budget;
  SELECT array_agg(v.id), array_agg(v.code::text) INTO v_values, v_codes FROM public.accounting_dimensionvalue v
    WHERE v.company_id = p_company AND v.id IN (SELECT p.value_id FROM public.ledger_budgetline p
      WHERE p.company_id = p_company AND p.budget_id = p_budget AND p.account_id = p_account);
  IF v_values IS NULL THEN
    -- By the index of the account's days alone.
    RETURN QUERY SELECT NULL::uuid, l.date - extract(day FROM l.date)::int + 1, sum(l.amount), 0::numeric
      FROM public.ledger_line l
      WHERE l.company_id = p_company AND l.account_id = p_account AND l.date BETWEEN v_start AND v_end GROUP BY 2;
  ELSE
    RETURN QUERY SELECT v_values[array_position(v_codes, l.dimensions ->> v_dimension)],
        l.date - extract(day FROM l.date)::int + 1, sum(l.amount), 0::numeric
      FROM public.ledger_line l
      WHERE l.company_id = p_company AND l.account_id = p_account AND l.date BETWEEN v_start AND v_end GROUP BY 1, 2;
  END IF;
  RETURN QUERY SELECT v_values[array_position(v_codes, l.dimensions ->> v_dimension)],
      l.date - extract(day FROM l.date)::int + 1, -l.amount, 0::numeric
    FROM public.accounting_fiscalyear y
    JOIN public.ledger_line l ON l.company_id = y.company_id AND l.account_id = p_account AND l.date = y."end"
    JOIN public.ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
    JOIN public.ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id AND j.kind = 'closing'
    WHERE y.company_id = p_company AND y."end" BETWEEN v_start AND v_end;
  RETURN QUERY SELECT v_values[array_position(v_codes, l.dimensions ->> v_dimension)],
      l.date - extract(day FROM l.date)::int + 1, 0::numeric, l.amount
    FROM unnest(p_entries) n(id)
    JOIN public.ledger_entry e ON e.company_id = p_company AND e.id = n.id
    JOIN public.ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id AND l.account_id = p_account
      AND l.date BETWEEN v_start AND v_end
    JOIN public.ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id AND j.kind <> 'closing';
END $$;

-- The plans of active budgets under this control that these entries have raised an account past: in the month that they
-- are posted into, and year to date in each later month that has moved. Only expenses and assets are spent.
CREATE FUNCTION public.ledger_budgets_passed(p_company uuid, p_control text, p_entries uuid[], p_accounts uuid[])
RETURNS TABLE (budget_id uuid, budget text, basis text, account_id uuid, account text, value text, month date,
  planned numeric, actual numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH kept AS (
    SELECT b.id AS budget_id, b.name || ' v' || b.number AS budget, b.basis::text AS basis, a.id AS account_id,
        a.code || ' ' || a.name AS account
      FROM public.ledger_budget b
      JOIN public.accounting_account a
        ON a.company_id = b.company_id AND a.id = ANY (p_accounts) AND a.type IN ('asset', 'expense')
      WHERE b.company_id = p_company AND b.state = 'active' AND b.control = p_control
        AND EXISTS (SELECT 1 FROM public.ledger_budgetline p
          WHERE p.company_id = b.company_id AND p.budget_id = b.id AND p.account_id = a.id)),
  months AS (
    SELECT u.budget_id, u.account_id, u.value_id, u.month, sum(u.planned) AS planned, sum(u.actual) AS actual,
        sum(u.added) AS added, bool_or(u.is_plan) AS is_plan, bool_or(NOT u.is_plan) AS has_moved
      FROM (
        SELECT p.budget_id, p.account_id, p.value_id, p.month, p.amount AS planned, 0::numeric AS actual,
            0::numeric AS added, true AS is_plan
          FROM kept k JOIN public.ledger_budgetline p
            ON p.company_id = p_company AND p.budget_id = k.budget_id AND p.account_id = k.account_id
        UNION ALL
        SELECT k.budget_id, k.account_id, m.value_id, m.month, 0, m.actual, m.added, false
          FROM kept k CROSS JOIN LATERAL
            public.ledger_budget_moved(p_company, k.budget_id, k.account_id, p_entries) m) u
      GROUP BY 1, 2, 3, 4),
  compared AS (
    SELECT k.*, m.value_id, m.month, bool_or(m.is_plan) OVER whole AS is_planned,
        max(m.month) FILTER (WHERE m.has_moved) OVER whole AS last_month,
        CASE k.basis WHEN 'month' THEN m.planned ELSE sum(m.planned) OVER so_far END AS planned,
        CASE k.basis WHEN 'month' THEN m.actual ELSE sum(m.actual) OVER so_far END AS actual,
        CASE k.basis WHEN 'month' THEN m.added ELSE sum(m.added) OVER so_far END AS added
      FROM months m JOIN kept k ON k.budget_id = m.budget_id AND k.account_id = m.account_id
      WINDOW whole AS (PARTITION BY m.budget_id, m.account_id, m.value_id),
        so_far AS (PARTITION BY m.budget_id, m.account_id, m.value_id ORDER BY m.month))
  SELECT c.budget_id, c.budget, c.basis, c.account_id, c.account, coalesce(v.code::text, ''), c.month,
      round(c.planned, u.decimals), round(c.actual, u.decimals)
    FROM compared c
    JOIN public.tenants_company o ON o.id = p_company
    JOIN public.accounting_unit u ON u.company_id = p_company AND u.code = o.base_currency
    LEFT JOIN public.accounting_dimensionvalue v ON v.company_id = p_company AND v.id = c.value_id
    WHERE c.is_planned AND c.month <= c.last_month AND c.added > 0 AND c.actual > c.planned
    ORDER BY c.account, c.budget, v.code, c.month;
END $$;

-- Called by `guard_lines` where a budget of the company stops: whoever spends from the same plan takes turns, in one
-- order of plans, and reads what the others have spent after its turn has come.
CREATE FUNCTION public.ledger_keep_budgets(p_companies uuid[], p_entries uuid[], p_accounts uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_company uuid; v_bad record;
BEGIN
  FOR v_company IN SELECT DISTINCT c FROM unnest(p_companies) c ORDER BY c LOOP
    PERFORM pg_advisory_xact_lock(k.lock) FROM (
      SELECT DISTINCT hashtextextended('budget:' || p.budget_id::text || p.account_id::text, 0) AS lock
        FROM public.ledger_budget b
        JOIN public.ledger_budgetline p
          ON p.company_id = b.company_id AND p.budget_id = b.id AND p.account_id = ANY (p_accounts)
        WHERE b.company_id = v_company AND b.state = 'active' AND b.control = 'stop' ORDER BY 1) k;
    IF NOT FOUND THEN CONTINUE; END IF;
    SELECT * INTO v_bad FROM public.ledger_budgets_passed(v_company, 'stop', p_entries, p_accounts) LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'account % would pass the budget % in %', v_bad.account, v_bad.budget, v_bad.month
        USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_exceeded', DETAIL = to_jsonb(v_bad)::text;
    END IF;
  END LOOP;
END $$;
