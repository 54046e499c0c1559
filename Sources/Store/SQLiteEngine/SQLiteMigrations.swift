import SQL

/// The schema, change by change. Append only: a migration that has landed is never edited.
///
/// Written for SQLite. All other SQL of this room keeps to what SQLite and PostgreSQL share.
enum SQLiteMigrations {
    static let all = [
        Migration("accounts", accounts),
        Migration("queue", queue),
        Migration("resets", resets),
        Migration("audit", audit),
        Migration("logins", logins),
        Migration("operations", operations),
        Migration("identifiers", identifiers),
        Migration("classes", classes),
        Migration("bounces", bounces),
        Migration("relays", relays),
        Migration("applications", applications),
        Migration("webhook-outcomes", webhookOutcomes),
        Migration("application-logins", applicationLogins),
        Migration("openid", openID),
        Migration("ready-by-kind", readyByKind),
    ]

    private static let accounts = """
        CREATE TABLE account (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id TEXT NOT NULL UNIQUE,
            user_type TEXT NOT NULL,
            email TEXT NOT NULL,
            language TEXT NOT NULL,
            active INTEGER NOT NULL DEFAULT 1,
            password_hash TEXT,
            totp TEXT NOT NULL DEFAULT 'none' CHECK (totp IN ('none', 'pending', 'active')),
            totp_secret BLOB,
            generation INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            CHECK ((totp = 'none') = (totp_secret IS NULL))
        ) STRICT;
        """

    /// Partial indices with literal states: each state's index holds that state's rows alone, so the cost of a claim
    /// stays the same over any history, and jobs waiting for their time are not in its way.
    ///
    /// Ids are never given twice (AUTOINCREMENT), even after the newest rows are pruned: claims, reset requests and audit
    /// events go by them.
    private static let queue = """
        CREATE TABLE job (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            payload TEXT,
            state TEXT NOT NULL DEFAULT 'ready'
                CHECK (state IN ('scheduled', 'ready', 'running', 'held', 'done', 'dead', 'discarded')),
            created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
            run_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
            token INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            unknowns INTEGER NOT NULL DEFAULT 0,
            lease_until INTEGER,
            worker TEXT,
            outcome TEXT,
            reason TEXT,
            finished_at INTEGER,
            CHECK ((state = 'running') = (lease_until IS NOT NULL))
        ) STRICT;
        CREATE INDEX job_scheduled ON job (run_at) WHERE state = 'scheduled';
        CREATE INDEX job_ready ON job (id) WHERE state = 'ready';
        CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
        CREATE INDEX job_held ON job (id) WHERE state = 'held';
        CREATE INDEX job_dead ON job (id) WHERE state = 'dead';
        CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';
        CREATE INDEX job_discarded ON job (finished_at) WHERE state = 'discarded';

        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            seconds REAL NOT NULL,
            stage TEXT NOT NULL,
            code INTEGER,
            verdict TEXT NOT NULL,
            reply TEXT NOT NULL,
            reused INTEGER NOT NULL,
            worker TEXT NOT NULL
        ) STRICT;
        CREATE INDEX attempt_job ON attempt (job, id);

        CREATE TABLE worker (
            id TEXT PRIMARY KEY,
            started_at INTEGER NOT NULL,
            heartbeat_at INTEGER NOT NULL,
            relay TEXT NOT NULL,
            relay_reason TEXT NOT NULL,
            lanes INTEGER NOT NULL,
            busy INTEGER NOT NULL
        ) STRICT;
        """

    private static let resets = """
        CREATE TABLE reset_request (
            id TEXT PRIMARY KEY,
            account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
            generation INTEGER NOT NULL,
            job INTEGER NOT NULL UNIQUE,
            state TEXT NOT NULL CHECK (state IN ('open', 'used', 'superseded', 'cancelled')),
            requested_at INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            closed_at INTEGER,
            address TEXT
        ) STRICT;
        CREATE UNIQUE INDEX reset_request_open ON reset_request (account) WHERE state = 'open';
        CREATE INDEX reset_request_account ON reset_request (account, opened_at);
        CREATE INDEX reset_request_expiry ON reset_request (expires_at);

        CREATE TABLE spent_captcha (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
        CREATE INDEX spent_captcha_expiry ON spent_captcha (expires_at);

        CREATE TABLE arrival (id INTEGER PRIMARY KEY, address TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
        CREATE INDEX arrival_address ON arrival (address, at);
        CREATE INDEX arrival_at ON arrival (at);
        """

    private static let audit = """
        CREATE TABLE audit_event (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            name TEXT NOT NULL,
            actor TEXT NOT NULL,
            subject TEXT NOT NULL,
            address TEXT,
            detail TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        """

    private static let logins = """
        ALTER TABLE account ADD COLUMN totp_parameters TEXT NOT NULL DEFAULT 'sha1/6/30';
        ALTER TABLE account ADD COLUMN totp_last_step INTEGER;
        ALTER TABLE account ADD COLUMN totp_drift INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE session (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            digest BLOB NOT NULL UNIQUE,
            account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
            factor TEXT NOT NULL CHECK (factor IN ('password', 'totp', 'recovery', 'disabled')),
            started_at INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            address TEXT NOT NULL,
            browser TEXT NOT NULL
        ) STRICT;
        CREATE INDEX session_account ON session (account, id);
        CREATE INDEX session_seen ON session (seen_at);

        CREATE TABLE failure (
            id INTEGER PRIMARY KEY,
            factor TEXT NOT NULL CHECK (factor IN ('password', 'code', 'recovery')),
            subject TEXT NOT NULL,
            count INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            UNIQUE (factor, subject)
        ) STRICT;
        CREATE INDEX failure_password ON failure (last_at) WHERE factor = 'password';

        CREATE TABLE recovery_code (
            account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
            digest BLOB NOT NULL,
            made_at INTEGER NOT NULL,
            used_at INTEGER,
            PRIMARY KEY (account, digest)
        ) STRICT;

        CREATE TABLE policy_rule (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            scope TEXT,
            required INTEGER NOT NULL,
            starts_at INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            made_by TEXT NOT NULL
        ) STRICT;
        """

    /// `job_ready` holds the kind too, so that a claim steps over the jobs of a paused lane without reading them, and the
    /// time, so that the longest wait is found without reading any.
    private static let operations = """
        ALTER TABLE job ADD COLUMN claimed_at INTEGER;
        ALTER TABLE job ADD COLUMN request_id TEXT;
        ALTER TABLE job ADD COLUMN account INTEGER;
        DROP INDEX job_ready;
        CREATE INDEX job_ready ON job (id, kind, run_at) WHERE state = 'ready';
        CREATE INDEX job_account ON job (account, id) WHERE account IS NOT NULL;

        CREATE TABLE lane_pause (
            kind TEXT PRIMARY KEY,
            paused_at INTEGER NOT NULL,
            paused_by TEXT NOT NULL,
            why TEXT NOT NULL
        ) STRICT;

        CREATE TABLE tally (
            slot INTEGER NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            label TEXT NOT NULL,
            count INTEGER NOT NULL,
            total REAL NOT NULL,
            PRIMARY KEY (slot, name, kind, label)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER job_arrived AFTER INSERT ON job
            BEGIN
                INSERT INTO tally (slot, name, kind, label, count, total)
                VALUES (NEW.created_at / 300000 * 300000, 'arrived', NEW.kind, '', 1, 0),
                    (-1, 'arrived', NEW.kind, '', 1, 0)
                ON CONFLICT (slot, name, kind, label) DO UPDATE SET count = tally.count + 1;
            END;

        CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;

        ALTER TABLE audit_event ADD COLUMN hash BLOB;
        CREATE INDEX audit_event_subject ON audit_event (subject, id);
        """
}
