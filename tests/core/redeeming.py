"""What a till was answered: a redemption, or why there is none."""

from gateway.model.redemptions import NotRedeemed, Redemption


def redemption(answer: object) -> Redemption:
    assert isinstance(answer, Redemption), answer
    return answer


def reason(answer: object) -> str:
    assert isinstance(answer, NotRedeemed), answer
    return answer.reason
