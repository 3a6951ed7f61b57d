"""The form of API keys."""

from harbor.fleet.api_key import checksum, is_well_formed, new_key


def test_a_new_key_is_well_formed_and_never_the_same():
    keys = {new_key() for _ in range(50)}

    assert len(keys) == 50
    assert all(is_well_formed(key) for key in keys)


def test_one_wrong_digit_is_noticed_without_a_look_up():
    key = new_key()
    wrong = key[:-10] + ("0" if key[-10] != "0" else "1") + key[-9:]

    assert not is_well_formed(wrong)


def test_other_prefixes_lengths_and_alphabets_are_refused():
    key = new_key()

    assert not is_well_formed(key.replace("hbf_", "ghp_"))
    assert not is_well_formed(key + "0")
    assert not is_well_formed(key[:-1] + "é")


def test_the_checksum_has_six_digits():
    assert len(checksum("0" * 30)) == 6
