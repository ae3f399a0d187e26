/** What may be forgotten: calls that are closed and have nothing left to send. */
const mayGo = `h.phase = 'closed' AND NOT EXISTS
  (SELECT 1 FROM offhook.lanes l WHERE l.call_id = h.call_id AND l.due_at IS NOT NULL)`;

/** What a call has left besides its entries and attempts, and how much of it there was. */
const remains = `
  PERFORM 1 FROM offhook.lanes l WHERE l.call_id = ANY (gone) ORDER BY l.call_id FOR UPDATE;
  SELECT count(*) INTO dead_letters FROM offhook.given_up g
    WHERE g.call_id = ANY (gone) AND g.state = 'dead' AND g.recovered_at IS NULL;
  DELETE FROM offhook.given_up g WHERE g.call_id = ANY (gone);
  DELETE FROM offhook.lanes l WHERE l.call_id = ANY (gone);
  DELETE FROM offhook.call_settings s WHERE s.call_id = ANY (gone);
  DELETE FROM offhook.calls c WHERE c.call_id = ANY (gone);
  DELETE FROM offhook.heads h WHERE h.call_id = ANY (gone);`;

/**
 * Makes the parts of a day, unless they are there, or the default parts have
 * rows of that day already: then these stay where they are. One at a time, and
 * without waiting long: until then the default parts serve.
 */
const makeDay = `
  CREATE FUNCTION offhook.make_day_1(of_day date) RETURNS boolean
  LANGUAGE plpgsql AS $$
  DECLARE part text; kind text;
  BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    PERFORM pg_advisory_xact_lock(hashtextextended('offhook days', 0));
    FOREACH kind IN ARRAY ARRAY['entries', 'attempts'] LOOP
      part := kind || '_' || to_char(of_day, 'YYYYMMDD');
      IF to_regclass('offhook.' || part) IS NOT NULL THEN CONTINUE; END IF;
      EXECUTE format('CREATE TABLE offhook.%I (LIKE offhook.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, kind);
      EXECUTE format('ALTER TABLE offhook.%I ATTACH PARTITION offhook.%I FOR VALUES FROM (%L) TO (%L)',
        kind, part, of_day, of_day + 1);
    END LOOP;
    RETURN true;
  EXCEPTION WHEN check_violation THEN RETURN false;
  END $$;
`;

/** Forgets a whole day with its parts, when every call of it may go; else nothing. */
const forgetDay = `
  CREATE FUNCTION offhook.forget_day_1(before_day date)
  RETURNS TABLE (calls bigint, entries bigint, dead_letters bigint)
  LANGUAGE plpgsql AS $$
  DECLARE whole date; gone text[];
  BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    calls := 0; entries := 0; dead_letters := 0;
    PERFORM pg_advisory_xact_lock(hashtextextended('offhook days', 0));
    SELECT d.day INTO whole FROM (
      SELECT to_date(substr(c.relname, 9), 'YYYYMMDD') AS day
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'offhook.entries'::regclass AND c.relname ~ '^entries_[0-9]{8}$'
    ) AS d
    WHERE d.day < before_day AND NOT EXISTS
      (SELECT 1 FROM offhook.heads h WHERE h.day = d.day AND NOT (${mayGo}))
    ORDER BY d.day LIMIT 1;
    IF whole IS NULL THEN RETURN; END IF;
    SELECT coalesce(array_agg(h.call_id), '{}') INTO gone FROM
      (SELECT * FROM offhook.heads h WHERE h.day = whole ORDER BY h.call_id FOR UPDATE) AS h;
    PERFORM 1 FROM offhook.lanes l WHERE l.call_id = ANY (gone) ORDER BY l.call_id FOR UPDATE;
    -- Again, now that nobody can change it.
    IF EXISTS (SELECT 1 FROM offhook.heads h WHERE h.day = whole AND NOT (${mayGo})) THEN RETURN; END IF;
    SELECT coalesce(sum(h.last_seq), 0), count(*) INTO entries, calls FROM offhook.heads h WHERE h.day = whole;
    ${remains}
    EXECUTE format('DROP TABLE offhook.%I, offhook.%I', 'entries_' || to_char(whole, 'YYYYMMDD'),
      'attempts_' || to_char(whole, 'YYYYMMDD'));
    RETURN NEXT;
  END $$;
`;

const forgetCalls = `
  CREATE FUNCTION offhook.forget_calls_1(before bigint, most integer)
  RETURNS TABLE (calls bigint, entries bigint, dead_letters bigint)
  LANGUAGE plpgsql AS $$
  DECLARE gone text[]; days date[];
  BEGIN
    PERFORM set_config('lock_timeout', '5s', true);
    SELECT coalesce(array_agg(o.call_id), '{}') INTO gone FROM (
      SELECT h.call_id FROM offhook.heads h WHERE h.created_at < before AND ${mayGo}
      ORDER BY h.created_at, h.call_id LIMIT most FOR UPDATE OF h SKIP LOCKED
    ) AS o;
    PERFORM 1 FROM offhook.lanes l WHERE l.call_id = ANY (gone) ORDER BY l.call_id FOR UPDATE;
    SELECT coalesce(array_agg(h.call_id), '{}'), coalesce(array_agg(DISTINCT h.day), '{}') INTO gone, days
      FROM offhook.heads h WHERE h.call_id = ANY (gone) AND ${mayGo};
    calls := cardinality(gone);
    DELETE FROM offhook.attempts a WHERE a.day = ANY (days) AND a.call_id = ANY (gone);
    DELETE FROM offhook.entries e WHERE e.day = ANY (days) AND e.call_id = ANY (gone);
    GET DIAGNOSTICS entries = ROW_COUNT;
    ${remains}
    RETURN NEXT;
  END $$;
`;

export const forgetting = [makeDay, forgetDay, forgetCalls].join("");
