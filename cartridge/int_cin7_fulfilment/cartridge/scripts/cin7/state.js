'use strict';

/*
 * What a call about an order's shipments means, before anything is written. No platform in here.
 */

var RANKS = ['not_shipped', 'part_shipped', 'shipped'];
var LONGEST_NUMBER = 256;
var TITLES = { 400: 'Malformed request', 404: 'Order not found', 409: 'Conflict' };

var TEXT = function (value) {
    return typeof value === 'string';
};
var TEXT_OR_NULL = function (value) {
    return value === null || typeof value === 'string';
};
var WHOLE = function (value) {
    return typeof value === 'number' && isFinite(value) && Math.floor(value) === value;
};
var NUMBER = function (value) {
    return typeof value === 'number' && isFinite(value);
};
var FLAG = function (value) {
    return typeof value === 'boolean';
};

var STATE = {
    revision: WHOLE, shippingStatus: TEXT, parcels: Array.isArray, shipments: Array.isArray
};
var PARCEL = {
    fulfilment: WHOLE,
    carrier: TEXT,
    trackingNumber: TEXT,
    trackingUrl: TEXT,
    shippedOn: TEXT_OR_NULL,
    shipmentId: TEXT_OR_NULL,
    lines: Array.isArray
};
var LINE = { sku: TEXT, quantity: NUMBER };
var SHIPMENT = { shipmentId: TEXT, shipped: FLAG, trackingNumber: TEXT };

function refusal(status, type, detail) {
    return {
        status: status, type: type, title: TITLES[status], detail: detail
    };
}

function malformed(detail) {
    return refusal(400, 'malformed-request', detail);
}

/** Whether a value is an object with exactly these members. */
function fits(value, members) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
        return false;
    }
    var names = Object.keys(members);
    return (
        Object.keys(value).length === names.length
        && names.every(function (name) {
            return members[name](value[name]);
        })
    );
}

/** The first thing that is wrong with a body, in a sentence; null where nothing is. */
function wrong(told, known) {
    if (!fits(told, STATE)) {
        return 'The body has revision, shippingStatus, parcels and shipments, and nothing else.';
    }
    if (told.revision < 0 || RANKS.indexOf(told.shippingStatus) < 0) {
        return 'revision or shippingStatus is out of range.';
    }
    var seen = {};
    var parcels = told.parcels.every(function (parcel) {
        return (
            fits(parcel, PARCEL)
            && (parcel.shipmentId === null || known.indexOf(parcel.shipmentId) >= 0)
            && parcel.lines.every(function (line) {
                return fits(line, LINE);
            })
        );
    });
    if (!parcels) {
        return 'A parcel is not of the documented form, or of a shipment that is not there.';
    }
    var shipments = told.shipments.every(function (shipment) {
        if (!fits(shipment, SHIPMENT) || seen[shipment.shipmentId]) {
            return false;
        }
        seen[shipment.shipmentId] = true;
        return (
            known.indexOf(shipment.shipmentId) >= 0
            && shipment.trackingNumber.length <= LONGEST_NUMBER
        );
    });
    return shipments ? null : 'A shipment is not of the documented form, or there twice.';
}

/** The body as an object; null where it is no JSON. */
function parse(text) {
    try {
        return JSON.parse(text);
    } catch (e) {
        return null;
    }
}

/**
 * What to do: { change: Boolean } or { refusal: Object }.
 *
 * `kept` is what the order holds: { revision, shippingStatus, shipments }, each of these with
 * { shipmentId, shipped }; a revision that is not there is null or undefined.
 */
function decide(kept, told) {
    var known = kept.shipments.map(function (shipment) {
        return shipment.shipmentId;
    });
    var problem = wrong(told, known);
    if (problem) {
        return { refusal: malformed(problem) };
    }
    var held = kept.revision;
    var before = held === null || held === undefined ? null : Number(held);
    if (before !== null && told.revision < before) {
        return {
            refusal: refusal(409, 'stale-revision', 'The order has revision ' + before + '.')
        };
    }
    if (before === told.revision) {
        return { change: false };
    }
    var lowered = RANKS.indexOf(told.shippingStatus) < RANKS.indexOf(kept.shippingStatus);
    var left = kept.shipments.filter(function (shipment) {
        return shipment.shipped;
    });
    var takenBack = told.shipments.some(function (shipment) {
        return (
            !shipment.shipped
            && left.some(function (one) {
                return one.shipmentId === shipment.shipmentId;
            })
        );
    });
    if (lowered || takenBack) {
        return { refusal: refusal(409, 'status-lowered', 'A shipping status is never lowered.') };
    }
    return { change: true };
}

module.exports = { decide: decide, parse: parse, refusal: refusal };
