/// What keeps the queue quick while a transaction is open somewhere. Until it ends PostgreSQL keeps every version of every row,
/// and whoever looks for rows by an index walks over all that are no longer there.
extension PostgreSQLMigrations {
    /// What is counted is added as rows, and summed up at each heartbeat of a worker. A row that every commit changes would have
    /// a version for each as long as any transaction is open, and every change would walk over all of them; and of another
    /// program's transaction nobody knows how long it stays open, so it must lock no common row.
    static let tallyDeltas = """
        CREATE TABLE tally_delta (
            slot BIGINT NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            kind TEXT COLLATE "C" NOT NULL,
            label TEXT COLLATE "C" NOT NULL,
            count BIGINT NOT NULL,
            total DOUBLE PRECISION NOT NULL
        );
        INSERT INTO tally_delta (slot, name, kind, label, count, total)
            SELECT slot, 'arrived', kind, '', 1, 0 FROM outside_arrival WHERE slot >= 0;
        DROP TRIGGER fold_arrivals ON worker;
        DROP FUNCTION fold_arrivals();
        DROP TABLE outside_arrival;

        CREATE OR REPLACE FUNCTION job_arrived() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT AS $$
            BEGIN
                INSERT INTO tally_delta (slot, name, kind, label, count, total)
                SELECT created_at / 300000 * 300000, 'arrived', kind, '', count(*), 0 FROM arrived
                GROUP BY created_at / 300000 * 300000, kind;
                RETURN NULL;
            END $$;
        CREATE FUNCTION fold_tally() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                WITH folded AS (DELETE FROM tally_delta RETURNING slot, name, kind, label, count, total)
                INSERT INTO tally (slot, name, kind, label, count, total)
                SELECT slot, name, kind, label, sum(count), sum(total)
                FROM (SELECT * FROM folded UNION ALL SELECT -1, name, kind, label, count, total FROM folded) AS counted
                GROUP BY slot, name, kind, label
                ON CONFLICT (slot, name, kind, label) DO UPDATE
                SET count = tally.count + excluded.count, total = tally.total + excluded.total;
                RETURN NULL;
            END $$;
        CREATE TRIGGER fold_tally AFTER INSERT OR UPDATE ON worker
            FOR EACH STATEMENT EXECUTE FUNCTION fold_tally();
        """

    /// Claims begin at the first job that is ready, which a sequence tells: it has no versions. It is moved up before a claim, and
    /// down by whatever makes an older job ready. A program that is none of ours holds it while it does so, as nobody else
    /// sees its job before it commits.
    ///
    /// Functions of triggers have the rights of the tables' owner, so that a program of others needs none but to insert jobs.
    static let readyFloor = """
        CREATE SEQUENCE ready_floor;
        -- The kinds of jobs that there were. No key: nobody is to wait for another's transaction.
        CREATE TABLE job_kind (kind TEXT COLLATE "C" NOT NULL);
        INSERT INTO job_kind (kind) SELECT DISTINCT kind FROM job;

        CREATE FUNCTION hold_ready_floor() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('pulih.process', true) IS DISTINCT FROM 'on' THEN
                    PERFORM pg_advisory_xact_lock_shared(\(floorLock));
                END IF;
                RETURN NULL;
            END $$;
        CREATE TRIGGER hold_ready_floor BEFORE INSERT ON job
            FOR EACH STATEMENT EXECUTE FUNCTION hold_ready_floor();

        CREATE FUNCTION lower_ready_floor(job bigint) RETURNS void LANGUAGE sql AS $$
            SELECT setval('ready_floor', job) FROM ready_floor WHERE last_value > job
            $$;
        CREATE FUNCTION jobs_arrived_ready() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT AS $$
            BEGIN
                INSERT INTO job_kind (kind)
                SELECT DISTINCT kind FROM arrived WHERE kind NOT IN (SELECT kind FROM job_kind);
                PERFORM lower_ready_floor(min(id)) FROM arrived;
                RETURN NULL;
            END $$;
        CREATE TRIGGER jobs_arrived_ready AFTER INSERT ON job REFERENCING NEW TABLE AS arrived
            FOR EACH STATEMENT EXECUTE FUNCTION jobs_arrived_ready();

        CREATE FUNCTION job_became_ready(bigint, text) RETURNS void LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT AS $$
            BEGIN
                IF current_setting('pulih.process', true) IS DISTINCT FROM 'on' THEN
                    PERFORM pg_advisory_xact_lock_shared(\(floorLock));
                    INSERT INTO job_kind (kind) SELECT $2 WHERE $2 NOT IN (SELECT kind FROM job_kind);
                END IF;
                PERFORM lower_ready_floor($1);
            END $$;
        -- The condition of a trigger would be read anew for each statement, which takes longer than to ask it here.
        CREATE FUNCTION job_changed() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.state = 'ready' AND (OLD.state <> 'ready' OR OLD.kind <> NEW.kind) THEN
                    PERFORM job_became_ready(NEW.id, NEW.kind);
                END IF;
                RETURN NULL;
            END $$;
        CREATE TRIGGER job_changed AFTER UPDATE OF state, kind ON job
            FOR EACH ROW EXECUTE FUNCTION job_changed();

        -- What was kept back is not counted among the ready.
        CREATE FUNCTION kinds_resumed() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT AS $$
            BEGIN
                IF current_setting('pulih.process', true) IS DISTINCT FROM 'on' THEN
                    PERFORM pg_advisory_xact_lock_shared(\(floorLock));
                END IF;
                PERFORM lower_ready_floor(1);
                RETURN NULL;
            END $$;
        CREATE TRIGGER kinds_resumed AFTER UPDATE OR DELETE OR TRUNCATE ON lane_pause
            FOR EACH STATEMENT EXECUTE FUNCTION kinds_resumed();

        -- Moves the floor to the first ready mail at or after an id. To be called under the lock of all writers.
        CREATE FUNCTION raise_ready_floor(start bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                first bigint;
            BEGIN
                IF NOT pg_try_advisory_lock(\(floorLock)) THEN
                    RETURN;
                END IF;
                first := coalesce(
                    (SELECT id FROM job WHERE state = 'ready' AND kind NOT IN ('webhook', 'logout') AND id >= start
                        AND kind NOT IN (SELECT kind FROM lane_pause) ORDER BY id LIMIT 1),
                    (SELECT max(id) + 1 FROM job), 1);
                PERFORM setval('ready_floor', first) FROM ready_floor WHERE last_value <> first;
                PERFORM pg_advisory_unlock(\(floorLock));
            EXCEPTION WHEN query_canceled OR OTHERS THEN
                PERFORM pg_advisory_unlock(\(floorLock));
                RAISE;
            END $$;

        -- At each heartbeat all is looked at again: where a backup was restored, or rows were changed by hand, nothing waits for
        -- longer than that.
        CREATE FUNCTION find_ready_floor() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM raise_ready_floor(1);
                RETURN NULL;
            END $$;
        CREATE TRIGGER find_ready_floor AFTER INSERT OR UPDATE ON worker
            FOR EACH STATEMENT EXECUTE FUNCTION find_ready_floor();
        """

    /// What an insert of jobs brings is told by one trigger: each costs every request that is stored.
    static let oneArrivalTrigger = """
        DROP TRIGGER jobs_arrived_ready ON job;
        DROP FUNCTION jobs_arrived_ready();
        CREATE OR REPLACE FUNCTION job_arrived() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT AS $$
            BEGIN
                INSERT INTO tally_delta (slot, name, kind, label, count, total)
                SELECT created_at / 300000 * 300000, 'arrived', kind, '', count(*), 0 FROM arrived
                GROUP BY created_at / 300000 * 300000, kind;
                INSERT INTO job_kind (kind)
                SELECT DISTINCT kind FROM arrived WHERE kind NOT IN (SELECT kind FROM job_kind);
                PERFORM lower_ready_floor(min(id)) FROM arrived;
                RETURN NULL;
            END $$;
        """

    /// One number for all versions.
    private static let floorLock: Int64 = 0x72_65_61_64_79
}
