'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');

const { FakeOrder, call } = require('./platform');

const parcel = (number, more) => ({
    fulfilment: 1,
    carrier: 'UPS',
    trackingNumber: number,
    trackingUrl: '',
    shippedOn: '2026-01-31',
    shipmentId: 'me',
    lines: [{ sku: 'A', quantity: 1 }],
    ...more
});
const told = (revision, more) => ({
    revision,
    shippingStatus: 'shipped',
    parcels: [parcel('N1')],
    shipments: [{ shipmentId: 'me', shipped: true, trackingNumber: 'N1' }],
    ...more
});

describe('telling of shipments', () => {
    it('writes number and status of the shipment, the parcels, and the status of the order', () => {
        const order = new FakeOrder('me');
        const answer = call({ 1: order }, '1', told(1));
        assert.deepEqual(answer, {
            status: 200,
            body: { orderNo: '1', revision: 1, shippingStatus: 'shipped', changed: true }
        });
        assert.equal(order.status, 2);
        assert.deepEqual([order.shipments[0].status, order.shipments[0].number], [2, 'N1']);
        assert.deepEqual(JSON.parse(order.custom.cin7Parcels), [parcel('N1')]);
        assert.equal(order.custom.cin7FulfilmentRevision, 1);
    });

    it('changes nothing when it is told the same revision again', () => {
        const order = new FakeOrder('me');
        call({ 1: order }, '1', told(1));
        const again = call({ 1: order }, '1', told(1));
        assert.equal(again.body.changed, false);
        assert.equal(order.written, 1);
    });

    it('refuses a revision that is older than what the order holds', () => {
        const order = new FakeOrder('me');
        call({ 1: order }, '1', told(3));
        const late = call({ 1: order }, '1', told(2, { parcels: [] }));
        assert.deepEqual([late.status, late.body.type], [409, 'stale-revision']);
        assert.equal(JSON.parse(order.custom.cin7Parcels).length, 1);
    });

    it('never lowers the status of an order or of a shipment', () => {
        const order = new FakeOrder('me');
        call({ 1: order }, '1', told(1));
        const lowered = call({ 1: order }, '1', told(2, { shippingStatus: 'part_shipped' }));
        assert.deepEqual([lowered.status, lowered.body.type], [409, 'status-lowered']);
        const back = told(2, {
            shipments: [{ shipmentId: 'me', shipped: false, trackingNumber: '' }]
        });
        assert.equal(call({ 1: order }, '1', back).body.type, 'status-lowered');
        assert.equal(order.custom.cin7FulfilmentRevision, 1);
    });

    it('takes parcels that left later, and a number that changed', () => {
        const order = new FakeOrder('me', 'gift');
        const first = told(1, { shippingStatus: 'part_shipped' });
        call({ 1: order }, '1', first);
        const second = told(2, {
            parcels: [parcel('N9'), parcel('N2', { shipmentId: 'gift' })],
            shipments: [
                { shipmentId: 'me', shipped: true, trackingNumber: 'N9' },
                { shipmentId: 'gift', shipped: true, trackingNumber: 'N2' }
            ]
        });
        assert.equal(call({ 1: order }, '1', second).body.changed, true);
        assert.deepEqual(order.shipments.map((each) => each.number), ['N9', 'N2']);
    });

    it('answers 404 for an order that the site does not have', () => {
        assert.equal(call({}, '1', told(1)).status, 404);
    });

    const wrong = {
        'no JSON': '{',
        'no object': '[]',
        'a member too many': told(1, { comment: '' }),
        'an unknown status': told(1, { shippingStatus: 'SHIPPED' }),
        'a revision that is no number': told('1'),
        'a negative revision': told(-1),
        'a parcel of an unknown shipment': told(1, { parcels: [parcel('N1', { shipmentId: 'x' })] }),
        'a parcel without lines': told(1, { parcels: [parcel('N1', { lines: undefined })] }),
        'a line without a SKU': told(1, { parcels: [parcel('N1', { lines: [{ quantity: 1 }] })] }),
        'a shipment that is not there': told(1, {
            shipments: [{ shipmentId: 'x', shipped: true, trackingNumber: '' }]
        }),
        'a shipment that comes twice': told(1, {
            shipments: [
                { shipmentId: 'me', shipped: true, trackingNumber: '' },
                { shipmentId: 'me', shipped: true, trackingNumber: '' }
            ]
        }),
        'a number that is too long': told(1, {
            shipments: [{ shipmentId: 'me', shipped: true, trackingNumber: 'N'.repeat(257) }]
        })
    };
    for (const [what, body] of Object.entries(wrong)) {
        it(`refuses ${what}, and changes nothing`, () => {
            const order = new FakeOrder('me');
            assert.equal(call({ 1: order }, '1', body).status, 400);
            assert.deepEqual([order.written, order.custom], [0, {}]);
        });
    }

    it('exports what its contract names', () => {
        const folder = path.join(
            __dirname, '..', 'int_cin7_fulfilment', 'cartridge', 'rest-apis', 'cin7-fulfilment'
        );
        const api = JSON.parse(fs.readFileSync(path.join(folder, 'api.json'), 'utf8'));
        const schema = fs.readFileSync(path.join(folder, 'schema.yaml'), 'utf8');
        for (const { endpoint } of api.endpoints) {
            assert.ok(schema.includes(`operationId: ${endpoint}`));
        }
    });
});
