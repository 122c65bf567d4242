"""Under which account the servers run: our own, or, because PostgreSQL refuses root, a system user when we are root.

That user must reach the programs and the data wherever the project was cloned, so the folders above them get one
access entry for this user alone: permission to pass through, not to list.
"""

import errno
import os
import pwd
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fieldbeat.embedded.refusal import CannotStart

SYSTEM_USER = "fieldbeat"
_ACL = "system.posix_acl_access"  # acl(5); the binary form is version 2, then (tag, permissions, id) triples
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID, _PASS = 0xFFFFFFFF, 0o1


@dataclass(frozen=True)
class Account:
    """A user of the operating system other than ours."""

    uid: int
    gid: int


def servers_account(data: Path) -> Account | None:
    """The account for the servers, or None when it is our own.

    As root: who owns the `data` that are there already, else the system user, which is made on first use.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    found = _find() or _make()
    return Account(found.pw_uid, found.pw_gid)


def give(path: Path, account: Account | None) -> None:
    """Make the folder `path`, closed to everybody but `account`, which can reach it afterwards."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    if account is not None:
        os.chown(path, account.uid, account.gid)
        let_through(path, account)


def let_through(path: Path, account: Account | None) -> None:
    """Let `account` pass through every folder above `path`; nothing changes where everybody may."""
    if account is None:
        return
    for folder in reversed(path.resolve().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            _open_folder(folder, account)


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()
    except FileNotFoundError:
        said = "there is no useradd here"
    made = _find()  # also when another program made it meanwhile
    if made is None:
        raise CannotStart(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made ({said}). "
            "Run as an ordinary user, or name a server with FIELDBEAT_DATABASE_URL."
        )
    return made


def _open_folder(folder: Path, account: Account) -> None:
    if os.stat(folder).st_uid == account.uid:
        return
    try:
        os.setxattr(folder, _ACL, _with_passage(_read_acl(folder), account.uid))
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)  # a file system without access lists


def _read_acl(folder: Path) -> list[tuple[int, int, int]]:
    try:
        return list(struct.iter_unpack("<HHI", os.getxattr(folder, _ACL)[4:]))
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
    mode = folder.stat().st_mode
    return [(_USER_OBJ, mode >> 6 & 7, _NO_ID), (_GROUP_OBJ, mode >> 3 & 7, _NO_ID), (_OTHER, mode & 7, _NO_ID)]


def _with_passage(entries: list[tuple[int, int, int]], uid: int) -> bytes:
    kept = [entry for entry in entries if entry[0] != _MASK and (entry[0], entry[2]) != (_USER, uid)]
    group_class = next((p for tag, p, _ in entries if tag == _MASK), None)
    if group_class is None:
        group_class = next(p for tag, p, _ in entries if tag == _GROUP_OBJ)
    wanted = sorted([*kept, (_USER, _PASS, uid), (_MASK, group_class | _PASS, _NO_ID)], key=lambda e: (e[0], e[2]))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in wanted)
