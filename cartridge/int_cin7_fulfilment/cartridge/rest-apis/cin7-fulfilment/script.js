'use strict';

var Order = require('dw/order/Order');
var OrderMgr = require('dw/order/OrderMgr');
var Shipment = require('dw/order/Shipment');
var RESTResponseMgr = require('dw/system/RESTResponseMgr');
var Transaction = require('dw/system/Transaction');

var state = require('*/cartridge/scripts/cin7/state');

var ORDER_STATUS = {
    not_shipped: Order.SHIPPING_STATUS_NOTSHIPPED,
    part_shipped: Order.SHIPPING_STATUS_PARTSHIPPED,
    shipped: Order.SHIPPING_STATUS_SHIPPED
};

function refuse(refusal) {
    RESTResponseMgr
        .createError(refusal.status, refusal.type, refusal.title, refusal.detail)
        .render();
}

/** What the order holds, as the decision wants it. */
function kept(order) {
    var shipments = [];
    var each = order.getShipments().iterator();
    while (each.hasNext()) {
        var shipment = each.next();
        shipments.push({
            shipmentId: shipment.getID(),
            shipped: shipment.getShippingStatus().value === Shipment.SHIPPING_STATUS_SHIPPED
        });
    }
    var status = order.getShippingStatus().value;
    var word = Object.keys(ORDER_STATUS).filter(function (name) {
        return ORDER_STATUS[name] === status;
    })[0];
    return {
        revision: order.custom.cin7FulfilmentRevision,
        shippingStatus: word || 'not_shipped',
        shipments: shipments
    };
}

function write(order, told) {
    var byId = {};
    told.shipments.forEach(function (shipment) {
        byId[shipment.shipmentId] = shipment;
    });
    var each = order.getShipments().iterator();
    while (each.hasNext()) {
        var shipment = each.next();
        var its = byId[shipment.getID()];
        if (its) {
            shipment.setTrackingNumber(its.trackingNumber);
            shipment.setShippingStatus(
                its.shipped ? Shipment.SHIPPING_STATUS_SHIPPED : Shipment.SHIPPING_STATUS_NOTSHIPPED
            );
        }
    }
    order.custom.cin7Parcels = JSON.stringify(told.parcels);
    // last of all: a capture of money may wait for it
    order.setShippingStatus(ORDER_STATUS[told.shippingStatus]);
    order.custom.cin7FulfilmentRevision = told.revision;
}

/** POST /orders/{orderNo}/shipments: see docs/fulfilment.md for the contract. */
exports.tellShipments = function () {
    var orderNo = request.getSCAPIPathParameters().get('orderNo');
    var order = OrderMgr.getOrder(orderNo);
    if (!order) {
        refuse(state.refusal(404, 'order-not-found', 'The site has no order ' + orderNo + '.'));
        return;
    }
    var told = state.parse(request.httpParameterMap.requestBodyAsString);
    // inside the transaction: two calls at once do not both believe the revision that they read
    var outcome = Transaction.wrap(function () {
        var decided = state.decide(kept(order), told);
        if (decided.change) {
            write(order, told);
        }
        return decided;
    });
    if (outcome.refusal) {
        refuse(outcome.refusal);
        return;
    }
    RESTResponseMgr.createSuccess({
        orderNo: orderNo,
        revision: told.revision,
        shippingStatus: told.shippingStatus,
        changed: outcome.change
    }).render();
};
exports.tellShipments.public = true;
