/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c: every table and every migration, in order. PRAGMA user_version = migrations run. */
#include "spooler/store/schema.h"

/* Words as in docs/overview.md. Times are UTC milliseconds. Labels count from 1 in their job.
 */
static const char schema_1[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    /* every version of a template that a job ever used; body = exact YAML */
    "CREATE TABLE template (hash BLOB PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL,"
    "  kept_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX template_name ON template (name);"

    /* a generation = one format and key of a series */
    "CREATE TABLE generation (id INTEGER PRIMARY KEY, series TEXT NOT NULL,"
    "  generation INTEGER NOT NULL, kind TEXT NOT NULL, alphabet TEXT NOT NULL,"
    "  length INTEGER NOT NULL, prefix TEXT NOT NULL, checked TEXT NOT NULL,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, key_check TEXT,"
    "  opened_ms INTEGER NOT NULL, UNIQUE (series, generation)) STRICT;"
    /* next = the counter that is issued next; it only ever grows */
    "CREATE TABLE scope (id INTEGER PRIMARY KEY,"
    "  generation_id INTEGER NOT NULL REFERENCES generation (id), scope TEXT NOT NULL,"
    "  next INTEGER NOT NULL, UNIQUE (generation_id, scope)) STRICT;"
    "CREATE INDEX scope_by_scope ON scope (scope);"
    "CREATE TRIGGER scope_grows BEFORE UPDATE ON scope WHEN new.next < old.next"
    " BEGIN SELECT RAISE (ABORT, 'a number never returns to free'); END;"
    "CREATE TRIGGER scope_stays BEFORE DELETE ON scope"
    " BEGIN SELECT RAISE (ABORT, 'a scope is never deleted'); END;"

    /* state: staged | open | held | cancelling | cancelled | closed */
    "CREATE TABLE job (id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL,"
    "  template_hash BLOB REFERENCES template (hash), template_name TEXT NOT NULL,"
    "  printer TEXT NOT NULL, quantity INTEGER NOT NULL, pieces INTEGER NOT NULL DEFAULT 1,"
    "  close_at TEXT NOT NULL DEFAULT 'printed', on_doubt TEXT NOT NULL DEFAULT 'hold',"
    "  caller TEXT NOT NULL, person TEXT, accepted_ms INTEGER, utc_offset_min INTEGER NOT NULL "
    "DEFAULT 0,"
    "  staged_ms INTEGER NOT NULL, hold_reason TEXT, hold_text TEXT, reference TEXT) STRICT;"
    "CREATE INDEX job_open ON job (printer, id) WHERE state IN ('open','held','cancelling');"
    "CREATE INDEX job_staged ON job (id) WHERE state = 'staged';"
    /* rows of data: a page holds the rows of labels first..last (rows.h has its form) */
    "CREATE TABLE page (job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, body BLOB NOT NULL,"
    "  PRIMARY KEY (job_id, first)) STRICT, WITHOUT ROWID;"
    /* labels first..last of series field `field` have the numbers range_first.. of a scope */
    "CREATE TABLE segment (job_id INTEGER NOT NULL REFERENCES job (id), field INTEGER NOT NULL,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL,"
    "  scope_id INTEGER NOT NULL REFERENCES scope (id), range_first INTEGER NOT NULL,"
    "  PRIMARY KEY (job_id, field, first)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX segment_number ON segment (scope_id, range_first);"
    /* newest = 1: the state of labels first..last now; 0: an older attempt, kept for history */
    "CREATE TABLE span (job_id INTEGER NOT NULL REFERENCES job (id), newest INTEGER NOT NULL,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, attempt INTEGER NOT NULL,"
    "  state TEXT NOT NULL, chunk_id INTEGER, PRIMARY KEY (job_id, newest, first, attempt))"
    "  STRICT, WITHOUT ROWID;"
    /* a slice of a job that was sent as one CUPS job; state: sending | settled */
    "CREATE TABLE chunk (id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL REFERENCES job (id),"
    "  attempt INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    "  printer TEXT NOT NULL, impressions INTEGER NOT NULL, confirmed INTEGER NOT NULL DEFAULT "
    "0,"
    "  state TEXT NOT NULL, epoch INTEGER NOT NULL, sent_ms INTEGER NOT NULL, settled_ms "
    "INTEGER) STRICT;"
    "CREATE INDEX chunk_open ON chunk (printer) WHERE state = 'sending';"
    "CREATE INDEX chunk_job ON chunk (job_id);"

    "CREATE TABLE idempotency (caller TEXT NOT NULL, key TEXT NOT NULL, hash BLOB NOT NULL,"
    "  status INTEGER NOT NULL, body BLOB NOT NULL, job_id INTEGER, made_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (caller, key)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
    "CREATE TRIGGER event_stays BEFORE DELETE ON event"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
    "CREATE TRIGGER event_same BEFORE UPDATE ON event"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;";

/* Templates over the API. */
static const char schema_templates[] =
    /* the version of a name that was added last; seq = the ledger's event of it */
    "CREATE TABLE template_added (name TEXT PRIMARY KEY,"
    "  hash BLOB NOT NULL REFERENCES template (hash), seq INTEGER NOT NULL,"
    "  added_ms INTEGER NOT NULL, added_by TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    /* which jobs used a version; those that are staged may never come to be */
    "CREATE INDEX job_template ON job (template_hash) WHERE accepted_ms IS NOT NULL;";

/* An answer has more than a kilobyte. In a table WITHOUT ROWID it stood in the key's tree, with
 * a page of its own for what did not fit there: each accepted request wrote two pages more. */
static const char schema_idempotency[] =
    "CREATE TABLE idempotency_by_id (id INTEGER PRIMARY KEY, caller TEXT NOT NULL,"
    "  key TEXT NOT NULL, hash BLOB NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL,"
    "  job_id INTEGER, made_ms INTEGER NOT NULL, UNIQUE (caller, key)) STRICT;"
    "INSERT INTO idempotency_by_id (caller, key, hash, status, body, job_id, made_ms)"
    " SELECT caller, key, hash, status, body, job_id, made_ms FROM idempotency;"
    "DROP TABLE idempotency;"
    "ALTER TABLE idempotency_by_id RENAME TO idempotency;";

/* An order to print labels again that are on paper. next = labels before it were sent. */
static const char schema_reprint[] =
    "CREATE TABLE reprint (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  job_id INTEGER NOT NULL REFERENCES job (id), first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, next INTEGER NOT NULL, state TEXT NOT NULL,"
    "  printer TEXT NOT NULL, reason TEXT NOT NULL, words TEXT, person TEXT NOT NULL,"
    "  approver TEXT, ordered_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX reprint_open ON reprint (printer, id) WHERE state = 'open';"
    "CREATE INDEX reprint_job ON reprint (job_id, id);"
    "ALTER TABLE chunk ADD COLUMN reprint_id INTEGER REFERENCES reprint (id);"
    /* the label that a scanner read last, of each job; 0 = none */
    "ALTER TABLE job ADD COLUMN verified_last INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN sample INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN replaces INTEGER REFERENCES job (id);";

/* The ledger's tree and its checkpoints. */
static const char schema_ledger_tree[] =
    /* leaf = the body's hash; NULL for events from before it was kept */
    "ALTER TABLE event ADD COLUMN leaf BLOB;"
    /* roots of complete subtrees of 2^level leaves, from 256 leaves on; place = which one */
    "CREATE TABLE subtree (level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,"
    "  PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER subtree_stays BEFORE DELETE ON subtree"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
    "CREATE TRIGGER subtree_same BEFORE UPDATE ON subtree"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
    /* what was signed, and when */
    "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note BLOB NOT NULL,"
    "  made_ms INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER checkpoint_stays BEFORE DELETE ON checkpoint"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
    "CREATE TRIGGER checkpoint_same BEFORE UPDATE ON checkpoint"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;"
    /* the event that said that it is sent, for the proof of a label */
    "ALTER TABLE chunk ADD COLUMN sending_seq INTEGER;"
    "UPDATE chunk SET sending_seq = e.seq FROM"
    " (SELECT seq, json_extract(CAST (body AS TEXT), '$.chunk') AS chunk_id FROM event"
    "  WHERE json_extract(CAST (body AS TEXT), '$.type') = 'chunk.sending') AS e"
    " WHERE e.chunk_id = chunk.id;";

/* What reports ask. Events of one job that a person reads: those that come by the thousand
 * (chunks, confirmations, scans) are left out before their JSON is looked at. skipped =
 * counters that no label has, and why. Until now only last_used, when a scope opened, could
 * leave some out. */
static const char schema_account[] =
    "CREATE INDEX event_job ON event (CASE WHEN json_valid (CAST (body AS TEXT))"
    "  THEN json_extract (CAST (body AS TEXT), '$.job') END)"
    "  WHERE instr (CAST (body AS TEXT), '\"type\":\"chunk.') = 0"
    "   AND instr (CAST (body AS TEXT), '\"type\":\"label.printed\"') = 0"
    "   AND instr (CAST (body AS TEXT), '\"type\":\"label.verified\"') = 0;"
    "CREATE INDEX job_accepted ON job (accepted_ms);"
    "ALTER TABLE job ADD COLUMN replaces_label INTEGER;"
    "CREATE INDEX job_replaces ON job (replaces) WHERE replaces IS NOT NULL;"
    "CREATE TABLE skipped (scope_id INTEGER NOT NULL REFERENCES scope (id),"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  skipped_ms INTEGER NOT NULL, PRIMARY KEY (scope_id, first)) STRICT, WITHOUT ROWID;"
    "INSERT INTO skipped SELECT s.id, g.first, n.low - 1, 'last_used', g.opened_ms"
    "  FROM (SELECT scope_id, min(range_first) AS low FROM segment GROUP BY scope_id) AS n"
    "  JOIN scope AS s ON s.id = n.scope_id JOIN generation AS g ON g.id = s.generation_id"
    "  WHERE n.low > g.first;";

/* Is anything in doubt? Asked at each turn of a printer that may have to be emptied. */
static const char schema_doubt[] =
    "CREATE INDEX span_doubt ON span (job_id) WHERE newest = 1 AND state = 'in_doubt';"
    /* which device printed it: another one's emptiness says nothing of its labels */
    "ALTER TABLE chunk ADD COLUMN device INTEGER;";

/* The next chunk comes from the oldest open job: held ones, which may lie there for months, are
 * not looked at each time. */
static const char schema_job_open[] =
    "DROP INDEX job_open;"
    "CREATE INDEX job_open ON job (printer, id) WHERE state = 'open';";

/* Archives: what of old jobs went into a file (archive.h). Bodies of events are emptied only
 * into an archive that is on record; their leaf hashes stay for ever. */
static const char schema_archive[] =
    /* state: making | removing | done; seq = the ledger's event of it */
    "CREATE TABLE archive (id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL,"
    "  file TEXT NOT NULL, sha256 BLOB, person TEXT NOT NULL, made_ms INTEGER NOT NULL,"
    "  jobs INTEGER NOT NULL DEFAULT 0, labels INTEGER NOT NULL DEFAULT 0,"
    "  events INTEGER NOT NULL DEFAULT 0, seq INTEGER) STRICT;"
    "CREATE TRIGGER archive_stays BEFORE DELETE ON archive WHEN old.state <> 'making'"
    " BEGIN SELECT RAISE (ABORT, 'an archive that is on record stays on record'); END;"
    "CREATE TRIGGER archive_same BEFORE UPDATE ON archive WHEN old.state <> 'making'"
    "  AND (old.id, old.file, old.sha256, old.seq) IS NOT (new.id, new.file, new.sha256, "
    "new.seq)"
    " BEGIN SELECT RAISE (ABORT, 'an archive that is on record stays on record'); END;"
    "ALTER TABLE job ADD COLUMN archive_id INTEGER REFERENCES archive (id);"
    "CREATE INDEX job_archive ON job (archive_id, id) WHERE archive_id IS NOT NULL;"
    "CREATE TRIGGER job_archived BEFORE UPDATE OF archive_id ON job"
    "  WHEN old.archive_id IS NOT NULL AND new.archive_id IS NOT old.archive_id"
    "  AND EXISTS (SELECT 1 FROM archive WHERE id = old.archive_id AND state <> 'making')"
    " BEGIN SELECT RAISE (ABORT, 'a job stays in its archive'); END;"
    /* of an event whose body went into an archive: which; the body is empty then */
    "ALTER TABLE event ADD COLUMN archive_id INTEGER REFERENCES archive (id);"
    "DROP TRIGGER event_same;"
    "CREATE TRIGGER event_same BEFORE UPDATE ON event WHEN NOT (old.archive_id IS NULL"
    "  AND length (old.body) > 0 AND length (new.body) = 0 AND new.seq = old.seq"
    "  AND length (new.leaf) = 32 AND coalesce (old.leaf, new.leaf) = new.leaf"
    "  AND EXISTS (SELECT 1 FROM archive WHERE id = new.archive_id AND state = 'removing'))"
    " BEGIN SELECT RAISE (ABORT, 'the ledger only grows'); END;";

static const char schema_dots[] =
    /* a hash for each drawing of the order's labels, as they were compared when it was ordered;
     * NULL = nobody compared them */
    "ALTER TABLE reprint ADD COLUMN dots BLOB;"
    /* what came out: same | changed | not_compared, the latter two accepted by the person */
    "ALTER TABLE reprint ADD COLUMN verdict TEXT;"
    /* why Tem itself cancelled it */
    "ALTER TABLE reprint ADD COLUMN ended TEXT;"
    /* an order for a new number: fields of the job's template (0 = for the same number), who
     * was authenticated, and the job that replaced the label */
    "ALTER TABLE reprint ADD COLUMN new_fields INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE reprint ADD COLUMN caller TEXT;"
    "ALTER TABLE reprint ADD COLUMN by_job INTEGER REFERENCES job (id);"
    /* from event seq on labels were drawn with this version of a font or a library */
    "CREATE TABLE drawn_with (name TEXT NOT NULL, seq INTEGER NOT NULL, version TEXT NOT NULL,"
    "  PRIMARY KEY (name, seq)) STRICT, WITHOUT ROWID;";

/* A row that goes looks for those that point to it: without these, through all there are. */
static const char schema_children[] =
    "CREATE INDEX chunk_reprint ON chunk (reprint_id) WHERE reprint_id IS NOT NULL;"
    "CREATE INDEX event_archive ON event (archive_id) WHERE archive_id IS NOT NULL;"
    "CREATE INDEX reprint_by_job ON reprint (by_job) WHERE by_job IS NOT NULL;";

const char *const schema_migrations[] = {schema_1,       schema_templates,   schema_idempotency,
                                         schema_reprint, schema_ledger_tree, schema_account,
                                         schema_doubt,   schema_job_open,    schema_archive,
                                         schema_dots,    schema_children};
const int schema_version = (int)(sizeof schema_migrations / sizeof schema_migrations[0]);
