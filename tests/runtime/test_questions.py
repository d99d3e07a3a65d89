"""Questions of one part to another: bounded, in order, each answered once or refused."""

import asyncio

import pytest

from gateway.runtime.inbox import TooManyAsks
from gateway.runtime.questions import NobodyAnswers, Questions

PATIENCE_S = 30.0


async def waiting(questions: Questions[str], *asked: str) -> list[asyncio.Task[object]]:
    tasks = [asyncio.create_task(questions.ask(each, PATIENCE_S)) for each in asked]
    await asyncio.sleep(0)
    return tasks


async def test_they_are_answered_in_order() -> None:
    questions = Questions[str](3)
    with questions.answering():
        tasks = await waiting(questions, "a", "b", "c")
        for _ in tasks:
            question = await questions.take()
            question.answer(question.asked.upper())
        assert await asyncio.gather(*tasks) == ["A", "B", "C"]


async def test_one_more_than_may_wait_is_refused() -> None:
    questions = Questions[str](2)
    with questions.answering():
        tasks = await waiting(questions, "a", "b")
        with pytest.raises(TooManyAsks):
            await questions.ask("c", PATIENCE_S)
    assert [type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)] == [NobodyAnswers] * 2


async def test_while_nobody_answers_all_are_refused() -> None:
    questions = Questions[str](2)
    assert not questions.answered
    with pytest.raises(NobodyAnswers):
        await questions.ask("a", PATIENCE_S)


async def test_an_answer_that_comes_too_late_is_not_waited_for() -> None:
    questions = Questions[str](2)
    with questions.answering():
        with pytest.raises(NobodyAnswers):
            await questions.ask("a", 0.01)
        (task,) = await waiting(questions, "b")
        question = await questions.take()
        assert question.asked == "b", "who asked a has gone"
        question.answer(1)
        question.answer(2)
        assert await task == 1


async def test_an_exception_is_raised_where_it_is_waited_for() -> None:
    questions = Questions[str](2)
    with questions.answering():
        (task,) = await waiting(questions, "a")
        (await questions.take()).answer(LookupError("none"))
        with pytest.raises(LookupError):
            await task
