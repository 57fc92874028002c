"""Reading what the storefront sells."""


def hit(sku, **flags):
    return {"id": sku, "name": {"default": f"The {sku}"}, "type": flags, "online": True}


def test_everything_that_can_be_bought_is_read_page_by_page(shop):
    shop.will_say({"hits": [hit("A", variant=True), hit("M", master=True)], "total": 5})
    shop.will_say({"hits": [hit("A", variant=True), hit("B", bundle=True)], "total": 5})
    bare = {"id": "C", "type": {"master": False, "item": True}, "ean": "5012345678900"}
    shop.will_say({"hits": [bare], "total": 5})
    products = list(shop.client.products("uk"))
    assert [(product.id, product.name, product.type) for product in products] == [
        ("A", "The A", "variant"),
        ("B", "The B", "bundle"),
        ("C", "", "item"),
    ]
    assert products[2].ean == "5012345678900"
    assert [shop.sent(n)["offset"] for n in range(3)] == [0, 2, 4]
    assert shop.requests[0].method == "POST"
    assert shop.asked() == {"siteId": "uk"}


def test_a_search_is_a_read_and_may_be_repeated(shop):
    shop.will_say(status=504).will_say({"hits": [hit("A", item=True)], "total": 1})
    assert [product.id for product in shop.client.products()] == ["A"]
