/**
 * The tables of the first version. Rows that change with every event leave
 * room in their page, so that they change where they are and no index has to
 * know: with full pages a commit took twice as long. A call's head is a narrow row that every
 * append moves, so it stands apart from what is wide (`calls`) and from what
 * is written once (`call_settings`). Entries and attempts lie in parts by the
 * day on which their call began; a call's head and lane know that day, and
 * whoever looks for a call's rows names it. The default parts take what has
 * no part of its own, so that nothing ever fails for the want of one.
 */
export const tables = `
  CREATE SEQUENCE offhook.positions AS bigint;
  CREATE SEQUENCE offhook.attempt_numbers AS bigint;

  CREATE TABLE offhook.entries (
    position bigint NOT NULL,
    day date NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    call_id text COLLATE "C" NOT NULL,
    seq integer NOT NULL,
    at bigint NOT NULL,
    sequence integer,
    type text NOT NULL,
    first_ms double precision,
    whole_ms double precision,
    body text NOT NULL,
    PRIMARY KEY (call_id, seq, day)
  ) PARTITION BY RANGE (day);
  CREATE INDEX entries_of_team ON offhook.entries (team_id, position);
  CREATE TABLE offhook.entries_default PARTITION OF offhook.entries DEFAULT;

  CREATE TABLE offhook.attempts (
    number bigint NOT NULL DEFAULT nextval('offhook.attempt_numbers'),
    day date NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    call_id text COLLATE "C" NOT NULL,
    sequence integer NOT NULL,
    at bigint NOT NULL,
    outcome text NOT NULL,
    elapsed_ms double precision NOT NULL,
    url text NOT NULL,
    body text NOT NULL
  ) PARTITION BY RANGE (day);
  CREATE INDEX attempts_of_event ON offhook.attempts (call_id, sequence);
  CREATE INDEX attempts_of_team ON offhook.attempts (team_id, number);
  CREATE TABLE offhook.attempts_default PARTITION OF offhook.attempts DEFAULT;

  CREATE TABLE offhook.heads (
    call_id text COLLATE "C" PRIMARY KEY,
    team_id text COLLATE "C" NOT NULL,
    day date NOT NULL,
    created_at bigint NOT NULL,
    phase text NOT NULL,
    epoch integer NOT NULL,
    holder text,
    taken text,
    last_seq integer NOT NULL,
    bytes bigint NOT NULL
  ) WITH (fillfactor = 70);
  CREATE INDEX heads_unclosed ON offhook.heads (call_id) WHERE phase <> 'closed';
  CREATE INDEX heads_closed ON offhook.heads (created_at) WHERE phase = 'closed';
  CREATE INDEX heads_of_day ON offhook.heads (day);

  CREATE TABLE offhook.calls (
    call_id text COLLATE "C" PRIMARY KEY,
    team_id text COLLATE "C" NOT NULL,
    assistant_id text,
    status text NOT NULL,
    created_at bigint NOT NULL,
    body text NOT NULL
  ) WITH (fillfactor = 50);
  CREATE INDEX calls_of_team ON offhook.calls (team_id, created_at, call_id);
  CREATE INDEX calls_of_assistant ON offhook.calls (team_id, assistant_id, created_at, call_id);
  CREATE INDEX calls_live ON offhook.calls (team_id, status, created_at, call_id) WHERE status <> 'finished';

  CREATE TABLE offhook.call_settings (
    call_id text COLLATE "C" PRIMARY KEY,
    assistant text NOT NULL,
    destination text
  );

  CREATE TABLE offhook.lanes (
    call_id text COLLATE "C" PRIMARY KEY,
    team_id text COLLATE "C" NOT NULL,
    day date NOT NULL,
    owner text,
    settled integer NOT NULL DEFAULT 0,
    last integer NOT NULL DEFAULT 0,
    last_conversation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    missed integer[] NOT NULL DEFAULT '{}',
    again integer[] NOT NULL DEFAULT '{}',
    due_at bigint,
    bytes bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 70);
  CREATE INDEX lanes_due ON offhook.lanes (due_at, call_id) WHERE due_at IS NOT NULL;
  CREATE INDEX lanes_of_team ON offhook.lanes (team_id) WHERE due_at IS NOT NULL;

  CREATE TABLE offhook.given_up (
    call_id text COLLATE "C" NOT NULL,
    sequence integer NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    at bigint NOT NULL,
    recovered_at bigint,
    PRIMARY KEY (call_id, sequence)
  );
  CREATE INDEX given_up_of_team ON offhook.given_up (team_id, state, at);

  CREATE TABLE offhook.documents (
    kind text COLLATE "C" NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (kind, team_id, id)
  );

  CREATE TABLE offhook.keys (
    hash text COLLATE "C" PRIMARY KEY,
    team_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL
  );

  CREATE TABLE offhook.copies (
    source text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    after text NOT NULL,
    rows bigint NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (source, part)
  );

  CREATE TABLE offhook.secrets (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);

  CREATE TABLE offhook.nodes (
    node_id text COLLATE "C" PRIMARY KEY,
    url text NOT NULL,
    roles text[] NOT NULL,
    live integer NOT NULL,
    takes_calls boolean NOT NULL,
    alive_until timestamptz NOT NULL
  );
`;
