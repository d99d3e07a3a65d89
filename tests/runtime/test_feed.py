"""The feed never waits for a subscriber."""

from gateway.runtime.feed import Committed, Feed


async def test_every_subscriber_sees_every_commit_in_order() -> None:
    feed = Feed()
    commits = [Committed(positions={"a": n}) for n in range(3)]
    with feed.subscribe() as first, feed.subscribe() as second:
        for committed in commits:
            feed.publish(committed)
        assert [await anext(first) for _ in commits] == commits
        assert [await anext(second) for _ in commits] == commits
    feed.publish(commits[0])
    assert feed.lost == 0


async def test_a_slow_subscriber_loses_the_oldest_and_is_counted() -> None:
    feed = Feed(capacity=2)
    with feed.subscribe() as slow:
        for n in range(5):
            feed.publish(Committed(positions={"a": n}))
        assert slow.lost == feed.lost == 3
        assert (await anext(slow)).positions == {"a": 3}
