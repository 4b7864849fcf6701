import os, pytest, threading
from pathlib import Path
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
OUT=Path("/tmp/shots"); OUT.mkdir(exist_ok=True)

def test_shots(committed_company):
    from tests.pages.browser import serving, browsing
    from tests.pages.conftest import fill_books
    from tests.conftest import make_member, make_company
    from tenants.scope import company_scope, Actor
    from ledger.models import Entry
    from accounting.periods import set_lock_date
    import datetime
    c=committed_company
    fill_books(c)
    with company_scope(c, actor=Actor.system("t")):
        set_lock_date("all", datetime.date(2025,3,31))
        from accounting.models import Period
        from accounting.periods import close_period
        ps=list(Period.objects.for_company(c).order_by("start"))
        for p in ps[:3]: close_period(p)
        close_period(ps[3], soft=True)
        usd=Entry.objects.for_company(c).get(key="usd").pk
        wrong=Entry.objects.for_company(c).get(key="wrong").pk
    user=make_member(c,"owner")
    b=f"/c/{c.slug}/"
    pages={"dash":b,"tb":b+"reports/trial-balance/","tbfrom":b+"reports/trial-balance/?from=2026-01-01&to=2026-06-30","entries":b+"entries/","entry":b+f"entries/{usd}/","wrong":b+f"entries/{wrong}/","new":b+"entries/new/","ledger":b+"accounts/1000/ledger/","ledger4000":b+"accounts/1010/ledger/","imports":b+"imports/","export":b+"export/","chart":b+"accounts/","chartedit":b+"accounts/new/","chartimport":b+"accounts/import/","periods":b+"periods/","rates":b+"rates/"}
    only=os.environ.get("ONLY"); 
    if only: pages={k:v for k,v in pages.items() if k in only.split(",")}
    from axe_playwright_python.sync_playwright import Axe
    with serving() as url:
      for mode,ctx in {"d":dict(viewport=dict(width=1440,height=900)),"m":dict(viewport=dict(width=390,height=844)),"k":dict(viewport=dict(width=1440,height=900),color_scheme="dark")}.items():
        with browsing(url,user,**ctx) as page:
            for name,path in pages.items():
                page.goto(path); page.wait_for_timeout(150)
                page.screenshot(path=str(OUT/f"{name}-{mode}.png"))
                br=page.evaluate("window.broken")
                r=Axe().run(page, options={"runOnly":["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]})
                v=[(x["id"],[n["html"][:150] for n in x["nodes"]][:3]) for x in r.response["violations"]]
                w=page.evaluate("document.documentElement.scrollWidth")
                if br or v or page.problems or w>ctx["viewport"]["width"]: print(mode,name,br,v,page.problems,w)
                page.problems.clear()
