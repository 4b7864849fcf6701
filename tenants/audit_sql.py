"""The audit trail and the append-only guard, as the database runs them."""

REFUSE_CHANGE = """
CREATE FUNCTION public.tenants_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, lower(TG_OP)
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only', TABLE = TG_TABLE_NAME;
END $$;
"""

# Secrets never enter the trail, not even as hashes.
AUDIT = """
CREATE FUNCTION public.tenants_note(
  p_company uuid, p_operation text, p_subject text, p_subject_id uuid, p_before jsonb, p_after jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
-- Secrets, and what a file holds: its hash and size stay in.
DECLARE v_left_out text[] := '{key_hash,password,content}';
BEGIN
  INSERT INTO public.tenants_auditevent (id, company_id, at, operation, subject, subject_id, before, after, act, reason,
      actor_type, actor_id, actor_name, on_behalf_of, request_id, address, user_agent, session)
  VALUES (gen_random_uuid(), p_company, clock_timestamp(), p_operation, p_subject, p_subject_id,
      p_before - v_left_out, p_after - v_left_out,
      coalesce(current_setting('app.act', true), ''), coalesce(current_setting('app.reason', true), ''),
      coalesce(nullif(current_setting('app.actor_type', true), ''), 'database'),
      nullif(current_setting('app.actor_id', true), '')::uuid,
      coalesce(nullif(current_setting('app.actor_name', true), ''), session_user::text),
      coalesce(current_setting('app.on_behalf_of', true), ''), coalesce(current_setting('app.request_id', true), ''),
      coalesce(current_setting('app.address', true), ''), coalesce(current_setting('app.user_agent', true), ''),
      coalesce(current_setting('app.session', true), ''));
END $$;

CREATE FUNCTION public.tenants_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM public.tenants_note(n.company_id, 'insert', TG_TABLE_NAME, n.id, NULL, to_jsonb(n)) FROM new_rows n;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM public.tenants_note(o.company_id, 'delete', TG_TABLE_NAME, o.id, to_jsonb(o), NULL) FROM old_rows o;
  ELSE
    PERFORM public.tenants_note(n.company_id, 'update', TG_TABLE_NAME, n.id, to_jsonb(o), to_jsonb(n))
      FROM new_rows n JOIN old_rows o ON o.id = n.id
      -- When a key was last used is no change of anything.
      WHERE to_jsonb(o) - 'last_used_at' IS DISTINCT FROM to_jsonb(n) - 'last_used_at';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION public.tenants_audit_company() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM public.tenants_note(NEW.id, 'insert', TG_TABLE_NAME, NEW.id, NULL, to_jsonb(NEW));
  ELSIF to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW) THEN
    PERFORM public.tenants_note(NEW.id, 'update', TG_TABLE_NAME, NEW.id, to_jsonb(OLD), to_jsonb(NEW));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_company AFTER INSERT OR UPDATE ON public.tenants_company
  FOR EACH ROW EXECUTE FUNCTION public.tenants_audit_company();

CREATE FUNCTION public.tenants_note_read(p_subject text, p_subject_id uuid, p_detail jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM public.tenants_note(nullif(current_setting('app.company_id', true), '')::uuid,
      'read', p_subject, p_subject_id, NULL, p_detail);
END $$;
"""

DROP = """
DROP TRIGGER audit_company ON public.tenants_company;
DROP FUNCTION public.tenants_audit_company();
DROP FUNCTION public.tenants_note_read(text, uuid, jsonb);
DROP FUNCTION public.tenants_audit();
DROP FUNCTION public.tenants_note(uuid, text, text, uuid, jsonb, jsonb);
DROP FUNCTION public.tenants_refuse_change();
"""
