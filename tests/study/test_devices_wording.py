from cnnlab.study.devices_wording import devices_words

CPU, A100, H200 = "CPU (2 threads)", "GPU: NVIDIA A100", "GPU: NVIDIA H200"


def test_runs_that_computed_on_the_same_kind_need_no_words():
    assert devices_words({}) == ""
    assert (
        devices_words({0: {"baseline": A100, "l2": A100}, 1: {"baseline": H200, "l2": H200}}) == ""
    )


def test_arms_of_one_seed_on_different_kinds_are_told():
    words = devices_words({0: {"baseline": A100, "l2": H200}, 1: {"baseline": CPU, "l2": CPU}})
    assert words.startswith("In 1 seed of 2 the arms computed on different devices")
    assert f"({A100} and {H200})" in words
    many = {0: {str(number): f"GPU: {number}" for number in range(9)}}
    assert "(9 kinds)" in devices_words(many)
