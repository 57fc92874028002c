'use strict';

/*
 * As much of the platform as the cartridge uses: an order, and what a call is answered.
 */

const Module = require('node:module');
const path = require('node:path');

const CARTRIDGE = path.join(__dirname, '..', 'int_cin7_fulfilment', 'cartridge');
const API = path.join(CARTRIDGE, 'rest-apis', 'cin7-fulfilment', 'script.js');

class FakeShipment {
    constructor(id) {
        this.id = id;
        this.status = 0;
        this.number = null;
    }
    getID() {
        return this.id;
    }
    getShippingStatus() {
        return { value: this.status };
    }
    setShippingStatus(status) {
        this.status = status;
    }
    setTrackingNumber(number) {
        this.number = number;
    }
}

class FakeOrder {
    constructor(...ids) {
        this.custom = {};
        this.status = 0;
        this.written = 0;
        this.shipments = ids.map((id) => new FakeShipment(id));
    }
    getShipments() {
        const rest = [...this.shipments];
        return { iterator: () => ({ hasNext: () => rest.length > 0, next: () => rest.shift() }) };
    }
    getShippingStatus() {
        return { value: this.status };
    }
    setShippingStatus(status) {
        this.status = status;
        this.written += 1;
    }
}

/** Calls the endpoint as the platform does; { status, body } of its answer. */
function call(orders, orderNo, body) {
    let answered = null;
    const rendering = (status, answer) => ({
        render() {
            answered = { status, body: answer };
        }
    });
    const platform = {
        'dw/order/Order': {
            SHIPPING_STATUS_NOTSHIPPED: 0,
            SHIPPING_STATUS_PARTSHIPPED: 1,
            SHIPPING_STATUS_SHIPPED: 2
        },
        'dw/order/OrderMgr': { getOrder: (number) => orders[number] || null },
        'dw/order/Shipment': { SHIPPING_STATUS_NOTSHIPPED: 0, SHIPPING_STATUS_SHIPPED: 2 },
        'dw/system/RESTResponseMgr': {
            createError: (status, type, title, detail) => rendering(status, { type, title, detail }),
            createSuccess: (answer) => rendering(200, answer)
        },
        'dw/system/Transaction': { wrap: (work) => work() }
    };
    const load = Module._load;
    Module._load = function (name, ...rest) {
        if (platform[name]) {
            return platform[name];
        }
        if (name.startsWith('*/cartridge/')) {
            return load.call(this, path.join(CARTRIDGE, name.slice('*/cartridge/'.length)), ...rest);
        }
        return load.call(this, name, ...rest);
    };
    global.request = {
        getSCAPIPathParameters: () => new Map([['orderNo', orderNo]]),
        httpParameterMap: { requestBodyAsString: typeof body === 'string' ? body : JSON.stringify(body) }
    };
    try {
        delete require.cache[API];
        require(API).tellShipments();
    } finally {
        Module._load = load;
        delete global.request;
    }
    return answered;
}

module.exports = { FakeOrder, call };
