// Every call of commerce-sdk whose API the sandbox serves, one JSON line for each.
import { createRequire } from "node:module";

const { SANDBOX, FOLDER, ORGANIZATION, SITE, ORDER, SKU, MASTER, VARIANT, SCOPE } = process.env;
const sdk = createRequire(`${FOLDER}/`)("commerce-sdk");

const credentials = Buffer.from("sandbox-client:sandbox-secret").toString("base64");
const token = await fetch(`${SANDBOX}/dwsso/oauth2/access_token`, {
  method: "POST",
  headers: { authorization: `Basic ${credentials}` },
  body: new URLSearchParams({ grant_type: "client_credentials", scope: SCOPE }),
}).then((answer) => answer.json());

const config = (base, bearer) => ({
  baseUri: `${SANDBOX}${base}`,
  headers: { authorization: `Bearer ${bearer ?? token.access_token}` },
  parameters: {
    clientId: "sandbox-client",
    organizationId: ORGANIZATION,
    shortCode: "sandbox1",
    siteId: SITE,
  },
});

async function told(call, work, { refused, check } = {}) {
  let outcome = "works";
  let note = "";
  try {
    const answer = await work();
    if (refused) [outcome, note] = ["fails", `must be refused with ${refused}`];
    else if (check && !check(answer)) [outcome, note] = ["fails", JSON.stringify(answer).slice(0, 200)];
  } catch (error) {
    const status = error.response?.status;
    if (refused && status === refused) outcome = "refused as documented";
    else [outcome, note] = ["fails", String(error.message).slice(0, 200)];
  }
  console.log(JSON.stringify({ client: "commerce-sdk", call, outcome, note }));
}

const orders = new sdk.Orders(config("/checkout/orders/v1"));
const one = { parameters: { orderNo: ORDER } };
const put = (method, status) => () => orders[method]({ ...one, body: { status } });
await told("Orders.getOrders", () => orders.getOrders({ parameters: { limit: 10 } }), {
  check: (answer) => answer.data.length > 0,
});
const listed = (parameters) => () => orders.getOrders({ parameters });
await told("Orders.getOrders of 201 on a page", listed({ limit: 201 }), { refused: 400 });
await told("Orders.getOrders of status created", listed({ status: "created" }), { refused: 400 });
await told("Orders.getOrders of three statuses", listed({ status: "new,completed,cancelled" }), { refused: 400 });
await told("Orders.getOrder", () => orders.getOrder(one), {
  check: (answer) => answer.orderNo === ORDER,
});
await told("Orders.getOrder of an unknown number", () => orders.getOrder({ parameters: { orderNo: "none" } }), { refused: 404 });
await told("Orders.updateOrder", () => orders.updateOrder({ ...one, body: { c_cin7Parcels: "[]" } }));
await told("Orders.updateOrder of a system attribute", () => orders.updateOrder({ ...one, body: { orderTotal: 1 } }), { refused: 400 });
await told("Orders.updateOrderConfirmationStatus", put("updateOrderConfirmationStatus", "confirmed"));
await told("Orders.updateOrderExternalStatus", put("updateOrderExternalStatus", "SO-00001"));
await told("Orders.updateOrderExternalStatus of 257 characters", put("updateOrderExternalStatus", "x".repeat(257)), { refused: 400 });
await told("Orders.updateOrderExportStatus to what does not exist", put("updateOrderExportStatus", "sent"), { refused: 400 });
await told("Orders.updateOrderPaymentStatus", put("updateOrderPaymentStatus", "paid"));
await told("Orders.updateOrderShippingStatus", put("updateOrderShippingStatus", "shipped"));
await told("Orders.updateOrderExportStatus", put("updateOrderExportStatus", "exported"));
await told("Orders.updateOrderStatus", put("updateOrderStatus", "completed"));
await told("Orders.updateOrderStatus of a placed order to created", put("updateOrderStatus", "created"), { refused: 409 });
const order = await orders.getOrder(one);
const instrument = { parameters: { orderNo: ORDER, paymentInstrumentId: order.paymentInstruments[0].paymentInstrumentId } };
await told("Orders.updateOrderPaymentInstrument", () => orders.updateOrderPaymentInstrument({ ...instrument, body: { c_note: "checked" } }));
await told("Orders.updateOrderPaymentTransaction", () => orders.updateOrderPaymentTransaction({ ...instrument, body: { c_note: "checked" } }));
const shipment = { parameters: { orderNo: ORDER, shipmentId: order.shipments[0].shipmentId } };
await told("Orders.updateOrderShippingAddress", () => orders.updateOrderShippingAddress({ ...shipment, body: { ...order.shipments[0].shippingAddress, city: "Keswick" } }));

const products = new sdk.Products(config("/product/products/v1"));
const query = { termQuery: { fields: ["id"], operator: "is", values: [SKU] } };
await told("Products.getProduct", () => products.getProduct({ parameters: { productId: SKU } }), {
  check: (answer) => answer.id === SKU,
});
await told("Products.getProduct of an unknown ID", () => products.getProduct({ parameters: { productId: "none" } }), { refused: 404 });
await told("Products.searchProducts", () => products.searchProducts({ body: { query } }), {
  check: (answer) => answer.total === 1,
});
const searched = (body) => () => products.searchProducts({ body });
const all = { matchAllQuery: {} };
await told("Products.searchProducts without a limit", searched({ query: all }), {
  check: (answer) => answer.limit === 25 && answer.hits.length === 25,
});
await told("Products.searchProducts of 201 on a page", searched({ query: all, limit: 201 }), { refused: 400 });
await told("Products.searchProducts without a query", searched({}), { refused: 400 });
await told("Products.searchProducts by EAN", searched({ query: { termQuery: { fields: ["ean"], operator: "is", values: ["1"] } } }), { refused: 400 });
const master = { masterProductId: MASTER };
await told("Products.getVariationsForMasterProduct", () => products.getVariationsForMasterProduct({ parameters: master }), {
  check: (answer) => answer.data.length > 0,
});
await told("Products.getVariationForMasterProduct", () => products.getVariationForMasterProduct({ parameters: { ...master, id: VARIANT } }), {
  check: (answer) => answer.productId === VARIANT,
});
await told("Products.searchProductVariations", () => products.searchProductVariations({ parameters: { productId: MASTER }, body: { query: { matchAllQuery: {} } } }), {
  check: (answer) => answer.hits.length > 0,
});
