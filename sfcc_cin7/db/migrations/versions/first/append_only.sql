-- What the database guards by itself, whoever writes: events are chained, postings balance, and
-- neither, nor the anchors and corrections, are ever changed or emptied.

-- Each event names the hash of the one before it of the same order, and has one of its own.
create function sfcc_cin7.event_hash(event sfcc_cin7.order_events) returns bytea
language sql stable as $$
            select sha256(convert_to(jsonb_build_array(
                coalesce(encode(event.previous_hash, 'hex'), ''), event.id, event.order_key,
                to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                event.kind, event.detail, event.run_id
            )::text, 'UTF8'))
        $$;

create function sfcc_cin7.chain_event() returns trigger language plpgsql as $$
        begin
            select hash into new.previous_hash from sfcc_cin7.order_events
            where order_key = new.order_key order by id desc limit 1;
            new.hash := sfcc_cin7.event_hash(new);
            return new;
        end $$;

create trigger chained before insert on sfcc_cin7.order_events
    for each row execute function sfcc_cin7.chain_event();

-- Every statement that posts must balance, so the books do at every moment. Postings are never
-- changed, so sums of zero added to sums of zero are all there is to check; a deferred constraint
-- would let a transaction go on with crooked books and look at each row.
create function sfcc_cin7.postings_balance() returns trigger language plpgsql as $$
        declare
            crooked record;
        begin
            select order_key, leg, currency, sum(amount) as amount into crooked
            from added group by order_key, leg, currency having sum(amount) <> 0 limit 1;
            if found then
                raise exception 'postings of % (%, %) do not sum to zero but to %',
                    crooked.order_key, crooked.leg, crooked.currency, crooked.amount
                    using errcode = 'check_violation';
            end if;
            return null;
        end $$;

create trigger balanced after insert on sfcc_cin7.postings
    referencing new table as added
    for each statement execute function sfcc_cin7.postings_balance();

create function sfcc_cin7.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only: add a correction instead', tg_table_name;
        end $$;

create function sfcc_cin7.refuse_changes_of_corrections() returns trigger language plpgsql as $$
begin
    raise exception 'order_corrections is append-only: add another correction instead';
end $$;

create trigger append_only before update or delete on sfcc_cin7.order_events
    for each statement execute function sfcc_cin7.refuse_change();
create trigger append_only before update or delete on sfcc_cin7.postings
    for each statement execute function sfcc_cin7.refuse_change();
create trigger append_only before update or delete on sfcc_cin7.event_anchors
    for each statement execute function sfcc_cin7.refuse_change();
create trigger append_only before update or delete on sfcc_cin7.order_corrections
    for each row execute function sfcc_cin7.refuse_changes_of_corrections();

-- TRUNCATE fires no trigger for UPDATE or DELETE.
create trigger never_emptied before truncate on sfcc_cin7.order_events
    for each statement execute function sfcc_cin7.refuse_change();
create trigger never_emptied before truncate on sfcc_cin7.postings
    for each statement execute function sfcc_cin7.refuse_change();
create trigger never_emptied before truncate on sfcc_cin7.event_anchors
    for each statement execute function sfcc_cin7.refuse_change();
create trigger never_emptied before truncate on sfcc_cin7.order_corrections
    for each statement execute function sfcc_cin7.refuse_change();

-- Triggers that are merely enabled sleep in a session whose session_replication_role is replica.
alter table sfcc_cin7.order_events
    enable always trigger append_only,
    enable always trigger chained,
    enable always trigger never_emptied;
alter table sfcc_cin7.postings
    enable always trigger append_only,
    enable always trigger balanced,
    enable always trigger never_emptied;
alter table sfcc_cin7.event_anchors
    enable always trigger append_only,
    enable always trigger never_emptied;
alter table sfcc_cin7.order_corrections
    enable always trigger append_only,
    enable always trigger never_emptied;
