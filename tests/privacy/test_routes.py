"""What a member sees and does about itself over HTTP."""

from pathlib import Path

from gateway.model.inputs import Input
from gateway.model.sighting import CheckIn, Sighting
from gateway.web.door import COSTLY_RATE
from gateway.web.purpose_words import PURPOSE_WORDS
from tests.web.shop import ADA, EVE, STAFF, bearer, open_shop

CAME: tuple[Input, ...] = (Sighting("app", "app", CheckIn("ada", "app")),)


async def test_a_member_reads_and_changes_what_it_agreed_to(tmp_path: Path) -> None:
    async with open_shop(tmp_path, inputs=CAME) as shop, shop.client(ADA) as client:
        before = (await client.get("/v1/consents")).json()
        assert {each["purpose"] for each in before["purposes"] if each["agreed"]} == {"presence", "offers"}
        assert all(each["words"] == PURPOSE_WORDS[each["purpose"]] for each in before["purposes"])
        assert (before["record"], before["channels"]) == (None, None)
        said = {"purposes": ["presence", "staff_assist"], "channels": ["sms"], "language": "fr"}
        after = (await client.put("/v1/consents", json=said)).json()
        assert {each["purpose"] for each in after["purposes"] if each["agreed"]} == {"presence", "staff_assist"}
        assert (after["channels"], after["record"]["collection_method"]) == (["sms"], "app")
        assert shop.store.sought == "m.ada", "what waits was searched before the writer was asked"
        assert (await client.get("/v1/consents")).json() == after


async def test_an_offer_is_not_shown_to_who_does_not_want_it_any_more(tmp_path: Path) -> None:
    async with open_shop(tmp_path, inputs=CAME) as shop, shop.client(ADA) as client:
        assert len((await client.get("/v1/offers")).json()["offers"]) == 2
        await client.put("/v1/consents", json={"purposes": ["presence"]})
        assert (await client.get("/v1/offers")).json()["offers"] == []


async def test_a_member_takes_its_own_along_and_is_forgotten(tmp_path: Path) -> None:
    async with open_shop(tmp_path, inputs=CAME) as shop, shop.client(ADA) as client:
        told = (await client.get("/v1/me")).json()
        assert (told["handle"], told["member"]["purposes"]) == ("ada", ["offers", "presence"])
        assert (len(told["visits"]), len(told["offers_counted"]), len(told["decisions"])) == (1, 2, 2)
        assert "visitor.checked_in" in [each["type"] for each in told["waiting_for_head_office"]]
        assert "bob" not in str(told)
        gone = (await client.delete("/v1/me")).json()["erased"]
        assert (gone["visits"], gone["exposures"], gone["decisions"], gone["events"]) == (1, 2, 1, 2)
        again = await client.get("/v1/me")
        assert (again.status_code, again.json()["code"]) == (403, "not_recognised")
        assert (await client.delete("/v1/me")).json()["erased"]["visits"] == 0


async def test_no_answer_of_before_is_given_again_to_who_was_forgotten_or_withdrew(tmp_path: Path) -> None:
    key = {"idempotency-key": "one"}
    async with open_shop(tmp_path) as shop:
        async with shop.client(ADA) as client:
            came = await client.post("/v1/checkins", headers=key)
            assert (await client.post("/v1/checkins", headers=key)).json() == came.json()
            await client.delete("/v1/me")
            again = await client.post("/v1/checkins", headers=key)
            assert (again.status_code, again.json()["code"]) == (403, "not_recognised")
        async with shop.client(bearer("member", "bob")) as client:
            assert (await client.post("/v1/checkins", headers=key)).json()["decisions"]
            await client.put("/v1/consents", json={"purposes": []})
            assert (await client.post("/v1/checkins", headers=key)).json()["code"] == "not_recognised"
        assert "m.ada" not in repr(vars(shop.site._repeats))


async def test_only_members_ask_about_themselves(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for credential in (None, STAFF):
            async with shop.client(credential) as client:
                for path in ("/v1/consents", "/v1/me"):
                    assert (await client.get(path)).status_code in {401, 403}
        async with shop.client(EVE) as client:
            answer = (await client.get("/v1/consents")).json()
            assert not any(each["agreed"] for each in answer["purposes"]), "known, and agreed to nothing"
        async with shop.client(bearer("member", "mallory")) as client:
            assert (await client.put("/v1/consents", json={"purposes": []})).json()["code"] == "not_recognised"
        async with shop.client(ADA) as client:
            for wrong in ({"purposes": ["everything"]}, {"purposes": [], "language": "I live at the harbour"}):
                refused = await client.put("/v1/consents", json=wrong)
                assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


async def test_who_asks_for_all_of_its_own_too_often_waits_and_others_go_on(tmp_path: Path) -> None:
    async with open_shop(tmp_path, mono_s=lambda: 1.0) as shop:
        async with shop.client(ADA) as client:
            asked = [client.get("/v1/me"), client.put("/v1/consents", json={"purposes": []}), client.delete("/v1/me")]
            answers = [await each for each in asked]
            answers += [await client.delete("/v1/me") for _ in range(COSTLY_RATE.burst - len(asked))]
            assert 429 not in {each.status_code for each in answers}
            refused = await client.get("/v1/me")
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
            assert int(refused.headers["retry-after"]) >= 1
            assert (await client.get("/v1/consents")).status_code != 429, "what costs nothing is still answered"
        async with shop.client(bearer("member", "bob")) as client:
            assert (await client.get("/v1/me")).status_code == 200
