create table sfcc_cin7.call_applications (
    application text,
    paused_until timestamptz,
    constraint pk_call_applications primary key (application)
);

create table sfcc_cin7.call_slots (
    application text,
    slot integer,
    lane text,
    free_at timestamptz not null,
    constraint pk_call_slots primary key (application, slot)
);

create table sfcc_cin7.call_waits (
    application text,
    lane text,
    until timestamptz not null,
    constraint pk_call_waits primary key (application, lane)
);

create table sfcc_cin7.call_usage (
    application text,
    lane text,
    minute timestamptz,
    calls integer not null,
    refused integer not null,
    constraint pk_call_usage primary key (application, lane, minute)
);

create table sfcc_cin7.circuits (
    system text,
    failures integer not null,
    opened_at timestamptz,
    probe_at timestamptz,
    problem text,
    constraint pk_circuits primary key (system)
);

create table sfcc_cin7.cursors (
    name text,
    value text not null,
    constraint pk_cursors primary key (name)
);
