/// From the change on that made User IDs unique without case.
extension SQLiteMigrations {
    /// User IDs are unique without case. Triggers say so and not a unique index, which could not be made over a database
    /// that has two of one name: they keep their accounts, and no more are added.
    static let identifiers = """
        CREATE INDEX account_user_key ON account (lower(user_id));
        CREATE TRIGGER account_user_key_insert BEFORE INSERT ON account
            WHEN EXISTS (SELECT 1 FROM account WHERE lower(user_id) = lower(NEW.user_id))
            BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: lower(account.user_id)'); END;
        CREATE TRIGGER account_user_key_update BEFORE UPDATE OF user_id ON account
            WHEN EXISTS (SELECT 1 FROM account WHERE lower(user_id) = lower(NEW.user_id) AND id <> NEW.id)
            BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: lower(account.user_id)'); END;

        ALTER TABLE account ADD COLUMN totp_weak INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX account_weak ON account (lower(user_id)) WHERE totp_weak = 1;

        CREATE INDEX job_request ON job (request_id) WHERE request_id IS NOT NULL;
        """

    /// One index for each class of ready jobs, so that a claim finds the oldest of each without reading the others. A job
    /// that names no class has that of its kind, also when another program wrote it.
    static let classes = """
        ALTER TABLE worker ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE worker ADD COLUMN waiting_stage TEXT;
        ALTER TABLE worker ADD COLUMN waiting_since INTEGER;

        ALTER TABLE job ADD COLUMN class TEXT CHECK (class IN ('urgent', 'normal', 'bulk'));
        CREATE INDEX job_ready_urgent ON job (id, kind, run_at) WHERE state = 'ready' AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'urgent';
        CREATE INDEX job_ready_normal ON job (id, kind, run_at) WHERE state = 'ready' AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'normal';
        CREATE INDEX job_ready_bulk ON job (id, kind, run_at) WHERE state = 'ready' AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'bulk';
        """

    /// Of the tag in a mail's return address only a digest is kept. What has bounced is found without reading the history.
    static let bounces = """
        ALTER TABLE job ADD COLUMN return_digest BLOB;
        ALTER TABLE job ADD COLUMN bounced_at INTEGER;
        CREATE INDEX job_bounced ON job (id) WHERE outcome = 'bounced';
        """

    static let relays = """
        ALTER TABLE attempt ADD COLUMN relay TEXT;

        CREATE TABLE worker_relay (
            worker TEXT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('closed', 'open', 'probing')),
            reason TEXT NOT NULL,
            busy INTEGER NOT NULL,
            waiting INTEGER NOT NULL,
            has_token INTEGER NOT NULL,
            token_ends_at INTEGER,
            token_failure TEXT,
            PRIMARY KEY (worker, position)
        ) STRICT;
        """

    /// Webhooks have an index of their own, by receiver, and are in none of those that a claim of mails reads: a receiver that
    /// is down for days must not be in their way.
    static let applications = """
        CREATE TABLE application_key (
            id TEXT PRIMARY KEY,
            application TEXT NOT NULL,
            scopes TEXT NOT NULL,
            digest BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE INDEX application_key_application ON application_key (application, created_at);

        CREATE TABLE webhook (
            application TEXT PRIMARY KEY,
            url TEXT NOT NULL,
            events TEXT,
            user_types TEXT,
            off_since INTEGER,
            off_reason TEXT
        ) STRICT;

        CREATE TABLE answer (
            application TEXT NOT NULL,
            key TEXT NOT NULL,
            digest BLOB NOT NULL,
            sealed BLOB NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (application, key)
        ) STRICT;
        CREATE INDEX answer_at ON answer (at);

        ALTER TABLE job ADD COLUMN application TEXT;
        CREATE INDEX job_ready_webhook ON job (application, id) WHERE state = 'ready' AND kind = 'webhook';
        DROP INDEX job_ready_normal;
        CREATE INDEX job_ready_normal ON job (id, kind, run_at) WHERE state = 'ready' AND kind <> 'webhook' AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'normal';
        """

    /// When the latest attempt began, what became of it, and since when all have failed. What waits for each receiver is
    /// counted without reading mails or history.
    static let webhookOutcomes = """
        ALTER TABLE webhook ADD COLUMN last_at INTEGER;
        ALTER TABLE webhook ADD COLUMN last_delivered INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE webhook ADD COLUMN last_words TEXT NOT NULL DEFAULT '';
        ALTER TABLE webhook ADD COLUMN failing_since INTEGER;

        CREATE INDEX job_webhook ON job (application, state, created_at)
            WHERE kind = 'webhook' AND state NOT IN ('done', 'discarded');
        """

    /// Logins at the hosts of applications: each lives by a session of the portal and ends with it. Of codes and tokens only
    /// digests are kept. Whoever ends or changes a session, or what an account is, leaves a note of it, so that who remembers
    /// a decision can ask what has changed instead of deciding anew.
    static let applicationLogins = """
        ALTER TABLE session ADD COLUMN public_id TEXT NOT NULL DEFAULT '';
        UPDATE session SET public_id = lower(hex(randomblob(16)));

        CREATE TABLE application_code (
            digest BLOB PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            application TEXT NOT NULL,
            host TEXT NOT NULL,
            browser BLOB NOT NULL,
            target TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX application_code_session ON application_code (session);
        CREATE INDEX application_code_expiry ON application_code (expires_at);

        CREATE TABLE application_session (
            digest BLOB PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            application TEXT NOT NULL,
            host TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX application_session_session ON application_session (session);

        CREATE TABLE session_change (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL,
            at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
        ) STRICT;
        CREATE INDEX session_change_at ON session_change (at);
        CREATE TRIGGER session_change_renewal
            AFTER UPDATE OF digest, account, factor, started_at ON session
            BEGIN INSERT INTO session_change (session) VALUES (OLD.id); END;
        CREATE TRIGGER session_change_end AFTER DELETE ON session
            BEGIN INSERT INTO session_change (session) VALUES (OLD.id); END;
        CREATE TRIGGER session_change_login AFTER DELETE ON application_session
            BEGIN INSERT INTO session_change (session) VALUES (OLD.session); END;
        CREATE TRIGGER session_change_account AFTER UPDATE OF user_id, user_type, email, active ON account
            BEGIN INSERT INTO session_change (session) SELECT id FROM session WHERE account = OLD.id; END;
        """

    /// What applications that log in by OpenID Connect were granted: it lives by a session of the portal and ends with it. The
    /// subject of an account is random, so no later account has it. Logouts that applications are told of have lanes of their
    /// own, like webhooks, and are in none of the indices that a claim of mails reads.
    static let openID = """
        CREATE TABLE subject (
            account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
            subject TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE openid_grant (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            application TEXT NOT NULL,
            scopes TEXT NOT NULL,
            nonce TEXT,
            factor TEXT NOT NULL CHECK (factor IN ('password', 'totp', 'recovery', 'disabled')),
            authenticated_at INTEGER NOT NULL,
            redirect_uri TEXT NOT NULL,
            challenge TEXT NOT NULL,
            code BLOB NOT NULL UNIQUE,
            code_expires_at INTEGER NOT NULL,
            code_used_at INTEGER,
            ended_at INTEGER,
            tells_logout INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX openid_grant_session ON openid_grant (session);

        CREATE TABLE openid_token (
            digest BLOB PRIMARY KEY,
            grant_id INTEGER NOT NULL REFERENCES openid_grant (id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
            expires_at INTEGER NOT NULL,
            used_at INTEGER
        ) STRICT;
        CREATE INDEX openid_token_grant ON openid_token (grant_id);
        CREATE INDEX openid_token_expiry ON openid_token (expires_at);

        CREATE INDEX job_ready_logout ON job (application, id) WHERE state = 'ready' AND kind = 'logout';
        DROP INDEX job_ready_normal;
        CREATE INDEX job_ready_normal ON job (id, kind, run_at)
            WHERE state = 'ready' AND kind NOT IN ('webhook', 'logout') AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'normal';
        """

    /// By kind before id: a claim passes over a paused kind in one step, not job by job.
    static let readyByKind = """
        DROP INDEX job_ready_urgent;
        DROP INDEX job_ready_normal;
        DROP INDEX job_ready_bulk;
        CREATE INDEX job_ready_urgent ON job (kind, id, run_at) WHERE state = 'ready' AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'urgent';
        CREATE INDEX job_ready_normal ON job (kind, id, run_at)
            WHERE state = 'ready' AND kind NOT IN ('webhook', 'logout') AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'normal';
        CREATE INDEX job_ready_bulk ON job (kind, id, run_at) WHERE state = 'ready' AND
            coalesce(class, CASE WHEN kind IN ('reset-request', 'mail-test') THEN 'urgent' ELSE 'normal' END) = 'bulk';
        """
}
