import cProfile, pstats
from tests.ledger.test_api_bulk import sale
def test_prof(api, company):
    books = api("post")
    import json
    body = json.dumps({"entries": [sale()] * 3000})
    p = cProfile.Profile(); p.enable()
    a = books.post("entries/bulk/", body, key="b")
    p.disable()
    assert a.status_code == 201
    pstats.Stats(p).sort_stats("cumtime").print_stats(28)
