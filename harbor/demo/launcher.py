"""Become the account a server runs as, tie its life to ours, then turn into the server.

Run as a script, in a process of its own (`python -I -S launcher.py ...`): whoever starts
a server may have threads or greenlets, between whose fork and exec no Python is safe.

    launcher.py PARENT SIGNAL ACCOUNT DIRECTORY PROGRAM [ARGUMENT ...]

PARENT is the process after whose death the server gets SIGNAL, 0 for none. ACCOUNT is
`self`, `uid:gid`, or `as:uid:gid` for a user namespace in which we are that account.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal, account, directory, *command = sys.argv[1:]
    _become(account)
    os.chdir(directory)
    if not os.access(".", os.W_OK):
        sys.exit(f"launcher: {directory} is not writable by account {account}")
    # Last, because a change of account forgets it.
    if int(parent) and sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before we asked to be told
            sys.exit("launcher: whoever started the server is gone")
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def _become(account: str) -> None:
    if account == "self":
        return
    *kind, uid, gid = account.split(":")
    if kind:
        _enter_namespace(int(uid), int(gid))
    else:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))


def _enter_namespace(uid: int, gid: int) -> None:
    """Look like another account to the server; the kernel goes on seeing ours."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if _libc().unshare(CLONE_NEWUSER) != 0:
        sys.exit(f"launcher: no user namespace: {os.strerror(ctypes.get_errno())}")
    # The kernel lets a group be mapped only after setgroups() was given up.
    for name, value in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {outer_uid} 1"),
        ("gid_map", f"{gid} {outer_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(value)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
