"""The child that checks a settings document by the options themselves (`python -m gateway.settings.judge_job`)."""

from functools import partial

from gateway.documents.job import Facts, answered, compile_job
from gateway.documents.mapping import source_of
from gateway.documents.settings import compile_settings
from gateway.runtime.child import answer_parent
from gateway.settings.sent import judge


def judge_job(asked: Facts) -> Facts:
    """Check a settings document as every document is checked, then what it sets."""
    done = compile_job(asked)
    judge(compile_settings(source_of(asked["new"]).path.read_bytes()), asked["settings"])
    return done


if __name__ == "__main__":
    answer_parent(partial(answered, jobs={"compile": judge_job}))
