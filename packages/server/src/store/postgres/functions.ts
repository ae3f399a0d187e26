/**
 * What is done in several steps on one way to the database and back. Each
 * step of a function sees what was committed before it began, so what was
 * waited for is seen. Functions are of a version, as tables are: a change is
 * a new name, which older servers do not call.
 *
 * Locks are taken in one order everywhere: a team's, heads by call, lanes by
 * call; and waited for so long and no longer.
 */
const limits = `PERFORM set_config('lock_timeout', '5s', true);`;

/** The nodes whose lease runs, and whether this one may take lanes: a guest may, and a node that delivers and is there. */
const presence = `
  SELECT coalesce(array_agg(node_id), '{}') INTO here FROM offhook.nodes WHERE alive_until > clock_timestamp();
  takes := self IS NULL OR (delivers AND self = ANY (here));`;

/** A lane that no other node has which is there. */
const isOpen = "(l.owner IS NULL OR l.owner = self OR NOT l.owner = ANY (here))";

/**
 * Writes openings and appends, one of a call at most, and answers each for
 * itself. The lock of a team is held from before its positions are taken until
 * they can be seen, so nobody sees a later one before an earlier one. When
 * `again` is said, one that has been written by the lost first try is found,
 * and answered as written: nobody else writes with its epoch.
 */
const write = `
  CREATE FUNCTION offhook.write_1(self text, delivers boolean, again boolean, jobs json, texts json, added json)
  RETURNS TABLE (job integer, fault text, "position" bigint, lane json)
  LANGUAGE plpgsql AS $$
  DECLARE
    here text[]; takes boolean; fine integer[]; known integer[]; total integer; low bigint; high bigint; key bigint;
  BEGIN
    ${limits}
    ${presence}
    FOR key IN SELECT DISTINCT hashtextextended('offhook ' || w.team, 0)
      FROM json_to_recordset(jobs) AS w (team text) ORDER BY 1
    LOOP PERFORM pg_advisory_xact_lock(key); END LOOP;
    PERFORM 1 FROM offhook.heads h WHERE h.call_id IN
      (SELECT w.call FROM json_to_recordset(jobs) AS w (call text)) ORDER BY h.call_id FOR UPDATE;

    WITH work AS (
      SELECT * FROM json_to_recordset(jobs) AS w
        (job integer, call text, team text, opens boolean, created bigint, phase text, epoch integer, first integer,
         count integer, bytes integer)
    ), opened AS (
      INSERT INTO offhook.heads (call_id, team_id, day, created_at, phase, epoch, holder, last_seq, bytes)
      SELECT call, team, (to_timestamp(created / 1000.0) AT TIME ZONE 'UTC')::date, created, phase, epoch, self,
        count, bytes FROM work WHERE opens ORDER BY call
      ON CONFLICT DO NOTHING RETURNING call_id
    ), appended AS (
      UPDATE offhook.heads h SET last_seq = h.last_seq + w.count, phase = w.phase, bytes = h.bytes + w.bytes
      FROM work w WHERE NOT w.opens AND h.call_id = w.call AND h.epoch = w.epoch
        AND (w.count = 0 OR h.last_seq = w.first - 1)
      RETURNING h.call_id
    )
    SELECT coalesce(array_agg(w.job), '{}') INTO fine FROM work w
    WHERE w.call IN (SELECT call_id FROM opened UNION ALL SELECT call_id FROM appended);

    SELECT coalesce(sum(w.count), 0) INTO total FROM json_to_recordset(jobs) AS w (job integer, count integer)
    JOIN unnest(fine) AS f (job) ON f.job = w.job;
    IF total > 0 THEN
      LOOP
        SELECT min(p), max(p) INTO low, high
        FROM (SELECT nextval('offhook.positions') AS p FROM generate_series(1, total)) AS taken;
        -- Writers of other teams take numbers too: those of a commit have no gap.
        EXIT WHEN high - low + 1 = total;
      END LOOP;
      INSERT INTO offhook.entries
        (position, day, team_id, call_id, seq, at, sequence, type, first_ms, whole_ms, body)
      SELECT low + row_number() OVER (ORDER BY a.job, a.seq) - 1, h.day, h.team_id, h.call_id,
        a.seq, a.at, a.sequence, a.type, a.first_ms, a.whole_ms, a.body
      FROM json_to_recordset(added) AS a (job integer, call text, seq integer, at bigint, sequence integer, type text,
        first_ms double precision, whole_ms double precision, body text)
      JOIN unnest(fine) AS f (job) ON f.job = a.job JOIN offhook.heads h ON h.call_id = a.call
      ORDER BY a.job, a.seq;
    END IF;

    WITH told AS (
      SELECT t.* FROM json_to_recordset(texts) AS t (job integer, call text, team text, created bigint,
        assistant_id text, status text, body text, assistant text, destination text)
      JOIN unnest(fine) AS f (job) ON f.job = t.job
    ), settings AS (
      INSERT INTO offhook.call_settings (call_id, assistant, destination)
      SELECT call, told.assistant, told.destination FROM told WHERE told.assistant IS NOT NULL
    ), lanes AS (
      INSERT INTO offhook.lanes (call_id, team_id, day)
      SELECT call, team, (to_timestamp(created / 1000.0) AT TIME ZONE 'UTC')::date
      FROM told WHERE told.destination IS NOT NULL
    ), calls AS (
      INSERT INTO offhook.calls (call_id, team_id, assistant_id, status, created_at, body)
      SELECT call, team, told.assistant_id, told.status, created, told.body FROM told
      WHERE told.assistant IS NOT NULL
    )
    UPDATE offhook.calls c SET status = told.status, body = told.body FROM told
    WHERE c.call_id = told.call AND told.assistant IS NULL;

    PERFORM 1 FROM offhook.lanes l WHERE l.call_id IN
      (SELECT w.call FROM json_to_recordset(jobs) AS w (call text)) ORDER BY l.call_id FOR UPDATE;
    UPDATE offhook.lanes l SET last = w.last, last_conversation = greatest(l.last_conversation, w.last_conversation),
      due_at = coalesce(l.due_at, w.at),
      owner = CASE WHEN takes AND coalesce(l.due_at, w.at) <= w.at AND ${isOpen} THEN self ELSE l.owner END
    FROM json_to_recordset(jobs) AS w (job integer, call text, last integer, last_conversation integer, at bigint)
    JOIN unnest(fine) AS f (job) ON f.job = w.job
    WHERE l.call_id = w.call AND w.last > 0;

    known := '{}';
    IF again THEN
      SELECT coalesce(array_agg(w.job), '{}') INTO known
      FROM json_to_recordset(jobs) AS w (job integer, call text, epoch integer, first integer)
      JOIN json_to_recordset(added) AS a (job integer, seq integer, body text) ON a.job = w.job AND a.seq = w.first
      JOIN offhook.heads h ON h.call_id = w.call AND h.epoch = w.epoch
      JOIN offhook.entries e ON e.day = h.day AND e.call_id = h.call_id AND e.seq = w.first AND e.body = a.body
      WHERE NOT w.job = ANY (fine);
    END IF;

    RETURN QUERY
    SELECT w.job,
      CASE WHEN f.job IS NOT NULL OR w.job = ANY (known) THEN NULL
        WHEN NOT w.opens AND h.epoch <> w.epoch THEN 'fenced' ELSE 'conflict' END,
      CASE WHEN w.count = 0 THEN 0 ELSE (SELECT e.position FROM offhook.entries e
        WHERE e.day = h.day AND e.call_id = h.call_id AND e.seq = w.first) END,
      CASE WHEN l.call_id IS NOT NULL AND (l.owner = self OR (takes AND ${isOpen})) THEN row_to_json(l) END
    FROM json_to_recordset(jobs) AS w (job integer, call text, opens boolean, epoch integer, first integer,
      count integer)
    LEFT JOIN unnest(fine) AS f (job) ON f.job = w.job
    LEFT JOIN offhook.heads h ON h.call_id = w.call
    LEFT JOIN offhook.lanes l ON l.call_id = w.call;
  END $$;
`;

/**
 * Settles lanes, one of a call at most, and answers each for itself. A lane
 * without anything due is free again. When `again` is said, a lane that is
 * where the lost first try would have moved it has been moved by it.
 */
const settle = `
  CREATE FUNCTION offhook.settle_1(self text, again_said boolean, jobs json, made json, given json)
  RETURNS TABLE (job integer, fault text, lane json)
  LANGUAGE plpgsql AS $$
  DECLARE here text[]; fine integer[];
  BEGIN
    ${limits}
    SELECT coalesce(array_agg(node_id), '{}') INTO here FROM offhook.nodes WHERE alive_until > clock_timestamp();
    PERFORM 1 FROM offhook.lanes l WHERE l.call_id IN
      (SELECT w.call FROM json_to_recordset(jobs) AS w (call text)) ORDER BY l.call_id FOR UPDATE;

    WITH moved AS (
      UPDATE offhook.lanes l SET settled = w.settled, attempts = w.attempts, missed = w.missed, again = w.left,
        due_at = w.due, bytes = l.bytes + w.bytes, owner = CASE WHEN w.due <= w.at THEN l.owner END
      FROM (
        SELECT s.*, o.call_id, left_over.left, CASE
            WHEN left_over.left <> '{}' THEN s.at
            WHEN s.retry_at IS NOT NULL THEN s.retry_at
            WHEN s.settled < o.last THEN s.at
          END AS due
        FROM json_to_recordset(jobs) AS s (job integer, call text, settled_before integer, attempts_before integer,
          settled integer, attempts integer, missed integer[], again_done integer[], retry_at bigint, at bigint,
          bytes integer)
        JOIN offhook.lanes o ON o.call_id = s.call
        CROSS JOIN LATERAL (SELECT CASE WHEN s.again_done = '{}' THEN o.again ELSE
          ARRAY(SELECT a FROM unnest(o.again) AS a WHERE NOT a = ANY (s.again_done)) END AS left) AS left_over
      ) AS w
      WHERE l.call_id = w.call_id AND l.settled = w.settled_before AND l.attempts = w.attempts_before AND ${isOpen}
      RETURNING w.job
    )
    SELECT coalesce(array_agg(moved.job), '{}') INTO fine FROM moved;

    IF made IS NOT NULL THEN
      INSERT INTO offhook.attempts (day, team_id, call_id, sequence, at, outcome, elapsed_ms, url, body)
      SELECT l.day, l.team_id, l.call_id, m.sequence, m.at, m.outcome, m.elapsed_ms, m.url, m.body
      FROM json_to_recordset(made) AS m (job integer, place integer, call text, sequence integer, at bigint,
        outcome text, elapsed_ms double precision, url text, body text)
      JOIN unnest(fine) AS f (job) ON f.job = m.job JOIN offhook.lanes l ON l.call_id = m.call
      ORDER BY m.job, m.place;
    END IF;

    IF given IS NOT NULL THEN
      INSERT INTO offhook.given_up AS g (call_id, sequence, team_id, state, reason, at)
      SELECT l.call_id, w.sequence, l.team_id, w.state, w.reason, w.at
      FROM json_to_recordset(given) AS w (job integer, call text, sequence integer, state text, reason text, at bigint)
      JOIN offhook.lanes l ON l.call_id = w.call
      WHERE w.job = ANY (fine) AND w.state IN ('dead', 'superseded')
      ON CONFLICT (call_id, sequence) DO UPDATE SET reason = excluded.reason, at = excluded.at;
      UPDATE offhook.given_up g SET recovered_at = w.at
      FROM json_to_recordset(given) AS w (job integer, call text, sequence integer, state text, at bigint)
      WHERE w.job = ANY (fine) AND w.state = 'recovered' AND g.call_id = w.call AND g.sequence = w.sequence;
      UPDATE offhook.given_up g SET reason = w.reason, at = w.at
      FROM json_to_recordset(given) AS w (job integer, call text, sequence integer, state text, reason text, at bigint)
      WHERE w.job = ANY (fine) AND w.state = 'not-recovered' AND g.call_id = w.call AND g.sequence = w.sequence
        AND g.recovered_at IS NULL;
    END IF;

    RETURN QUERY
    SELECT w.job,
      CASE WHEN f.job IS NOT NULL THEN NULL
        WHEN again_said AND l.settled = w.settled AND l.attempts = w.attempts AND ${isOpen} THEN NULL
        ELSE 'conflict' END,
      row_to_json(l)
    FROM json_to_recordset(jobs) AS w (job integer, call text, settled integer, attempts integer)
    LEFT JOIN unnest(fine) AS f (job) ON f.job = w.job
    LEFT JOIN offhook.lanes l ON l.call_id = w.call;
  END $$;
`;

const sendAgain = `
  CREATE FUNCTION offhook.send_again_1(self text, delivers boolean, call text, sequences integer[], moment bigint)
  RETURNS json
  LANGUAGE plpgsql AS $$
  DECLARE here text[]; takes boolean; l offhook.lanes; listed integer[];
  BEGIN
    ${limits}
    ${presence}
    SELECT * INTO l FROM offhook.lanes x WHERE x.call_id = call FOR UPDATE;
    IF NOT FOUND THEN RETURN NULL; END IF;
    listed := ARRAY(SELECT s FROM unnest(l.again) AS s
      UNION SELECT s FROM unnest(sequences) AS s WHERE s BETWEEN 1 AND l.settled ORDER BY 1);
    IF cardinality(listed) > cardinality(l.again) THEN
      UPDATE offhook.lanes x SET again = listed, due_at = moment,
        owner = CASE WHEN takes AND ${isOpen} THEN self ELSE l.owner END
      WHERE x.call_id = call RETURNING x.* INTO l;
    END IF;
    RETURN row_to_json(l);
  END $$;
`;

const dueLanes = `
  CREATE FUNCTION offhook.due_lanes_1(self text, delivers boolean, moment bigint, after_due bigint, after_call text,
    most integer)
  RETURNS TABLE (lane json, destination text)
  LANGUAGE plpgsql AS $$
  DECLARE here text[]; takes boolean;
  BEGIN
    ${limits}
    ${presence}
    IF NOT takes THEN RETURN; END IF;
    RETURN QUERY
    WITH due AS (
      SELECT l.* FROM offhook.lanes l
      WHERE l.due_at <= moment AND (l.due_at, l.call_id) > (after_due, after_call) AND ${isOpen}
      ORDER BY l.due_at, l.call_id LIMIT most FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE offhook.lanes l SET owner = self FROM due
      WHERE l.call_id = due.call_id AND due.owner IS DISTINCT FROM self
    )
    SELECT row_to_json(due), s.destination FROM due JOIN offhook.call_settings s ON s.call_id = due.call_id
    ORDER BY due.due_at, due.call_id;
  END $$;
`;

/** When the answer to a taking was lost, the next one has its token, and finds what was taken. */
const takeCalls = `
  CREATE FUNCTION offhook.take_calls_1(self text, token text, after_call text, most integer)
  RETURNS TABLE (call_id text, team_id text, epoch integer)
  LANGUAGE plpgsql AS $$
  DECLARE here text[];
  BEGIN
    ${limits}
    SELECT coalesce(array_agg(node_id), '{}') INTO here FROM offhook.nodes WHERE alive_until > clock_timestamp();
    IF self IS NOT NULL AND NOT self = ANY (here) THEN RETURN; END IF;
    RETURN QUERY
    WITH free AS (
      SELECT h.call_id FROM offhook.heads h
      WHERE h.phase <> 'closed' AND h.call_id > after_call AND (h.holder IS NULL OR NOT h.holder = ANY (here) OR h.taken = token)
      ORDER BY h.call_id LIMIT most FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE offhook.heads h SET holder = self, taken = token, epoch = h.epoch + 1 FROM free WHERE h.call_id = free.call_id
      RETURNING h.call_id, h.team_id, h.epoch
    )
    SELECT taken.call_id, taken.team_id, taken.epoch FROM taken ORDER BY 1;
  END $$;
`;

const keepLease = `
  CREATE FUNCTION offhook.keep_lease_1(node text, is_new boolean, lease_ms integer, about json)
  RETURNS TABLE (runs boolean, now_ms bigint)
  LANGUAGE plpgsql AS $$
  DECLARE until timestamptz := clock_timestamp() + make_interval(secs => lease_ms / 1000.0);
  BEGIN
    PERFORM set_config('lock_timeout', '1s', true);
    UPDATE offhook.nodes n SET alive_until = until, url = about ->> 'url', live = (about ->> 'live')::integer,
      roles = ARRAY(SELECT json_array_elements_text(about -> 'roles')),
      takes_calls = (about ->> 'takesCalls')::boolean
    WHERE n.node_id = node AND n.alive_until > clock_timestamp();
    runs := FOUND;
    IF NOT runs AND is_new THEN
      INSERT INTO offhook.nodes (node_id, url, roles, live, takes_calls, alive_until)
      VALUES (node, about ->> 'url', ARRAY(SELECT json_array_elements_text(about -> 'roles')),
        (about ->> 'live')::integer, (about ->> 'takesCalls')::boolean, until)
      ON CONFLICT DO NOTHING;
      runs := FOUND;
      -- Those that are long gone are known to be so without a row.
      DELETE FROM offhook.nodes n WHERE n.alive_until < clock_timestamp() - interval '1 day';
    END IF;
    now_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    RETURN NEXT;
  END $$;
`;

const deleteKey = `
  CREATE FUNCTION offhook.delete_key_1(team text, hash_begin text, may_be_last boolean) RETURNS text
  LANGUAGE plpgsql AS $$
  DECLARE found_hash text;
  BEGIN
    ${limits}
    -- Two who delete one each of the last two come after each other, and the second sees what the first did.
    PERFORM pg_advisory_xact_lock(hashtextextended('offhook keys ' || team, 0));
    SELECT k.hash INTO found_hash FROM offhook.keys k WHERE k.team_id = team AND starts_with(k.hash, hash_begin)
      ORDER BY k.hash LIMIT 1;
    IF NOT FOUND THEN RETURN 'unknown'; END IF;
    IF NOT may_be_last AND (SELECT count(*) FROM offhook.keys k WHERE k.team_id = team) < 2 THEN RETURN 'last'; END IF;
    DELETE FROM offhook.keys k WHERE k.hash = found_hash;
    RETURN 'deleted';
  END $$;
`;

export const functions = [write, settle, sendAgain, dueLanes, takeCalls, keepLease, deleteKey].join("");
