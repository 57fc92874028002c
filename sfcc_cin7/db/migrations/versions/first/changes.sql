-- Whoever changes a leg leaves the order's key in order_changes: nobody can forget. There is not
-- one row for an order but one for a change: two writers would wait for each other on a unique
-- key, and the order lane must never wait for the ledger.
create function sfcc_cin7.note_change() returns trigger language plpgsql as $$
        begin
            if tg_table_name = 'orders' then
                insert into sfcc_cin7.order_changes (order_key) values (new.order_key);
            elsif tg_table_name = 'erp_sales' then
                insert into sfcc_cin7.order_changes (order_key) values (new.external_id);
            else
                if new.order_key is not null then
                    insert into sfcc_cin7.order_changes (order_key) values (new.order_key);
                end if;
                if tg_op = 'UPDATE' and old.order_key is distinct from new.order_key
                    and old.order_key is not null then
                    insert into sfcc_cin7.order_changes (order_key) values (old.order_key);
                end if;
                if new.order_key is null
                    or (tg_op = 'UPDATE' and old.order_key is distinct from new.order_key) then
                    insert into sfcc_cin7.order_changes (order_key)
                    values ('payout:' || new.gateway || ':' || new.line_key);
                end if;
            end if;
            return null;
        end $$;

create trigger noted_new after insert on sfcc_cin7.orders
    for each row execute function sfcc_cin7.note_change();

create trigger noted
    after update of
        state, shop_status, document_hash, order_total, currency, sale_id, sale_total, sale_tax,
        batch_key
    on sfcc_cin7.orders
    for each row when ((
        old.state, old.shop_status, old.document_hash, old.order_total, old.currency, old.sale_id,
        old.sale_total, old.sale_tax, old.batch_key
    ) is distinct from (
        new.state, new.shop_status, new.document_hash, new.order_total, new.currency, new.sale_id,
        new.sale_total, new.sale_tax, new.batch_key
    ))
    execute function sfcc_cin7.note_change();

create trigger noted after insert or update on sfcc_cin7.erp_sales
    for each row execute function sfcc_cin7.note_change();

create trigger noted after insert or update on sfcc_cin7.payout_lines
    for each row execute function sfcc_cin7.note_change();
