#!/usr/bin/env python3
"""Makes policies at random and reports where hslint and real Headscale differ.

    tools/policy_agreement.py [--count N] [--seed N] [--cases FILE] RELEASE=PROGRAM …

PROGRAM stands for a release ("0.27.1"): it reads lines of JSON, {"policy": BASE64}, and answers each with a line {"err": TEXT}, empty
where Headscale starts with the policy and has no users and no machines. Such a program is `NewPolicyManager(policy, nil, nil)` of that
release's `hscontrol/policy` in a loop; you bring it, nothing here builds it. FILE holds policies to change, as for policy_checks.py.
A difference is fixed in hslint/policy, never by a case.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from policy_checks import meaning_of, text_of

from hslint.catalogue.published import resolve
from hslint.catalogue.release import Release

USERS = ["alice@", "bob@", "carol@example.com", "alice", "@", "dave@x", ""]
GROUPS = ["group:dev", "group:ops", "group:none", "group:", "dev"]
TAGS = ["tag:web", "tag:db", "tag:1x", "tag:", "tag:none", "web", "tag:é", "tag:w.x-y"]
HOSTS = ["server", "net", "six", "none", "a:b", "h@x", "*"]
ADDRESSES = [
    "100.64.0.1",
    "10.0.0.0/8",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "fd7a:115c:a1e0::1",
    "fd7a:115c:a1e0::/48",
    "0.0.0.0/0",
    "::/0",
    "010.0.0.1",
    "10.0.0.0/08",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "1.2.3",
    "FD00::/8",
    "fd00::/8",
    "256.1.1.1",
    "::1/129",
    "/8",
]
AUTOGROUPS = [
    f"autogroup:{name}"
    for name in (
        "internet",
        "member",
        "tagged",
        "self",
        "nonroot",
        "danger-all",
        "admin",
        "members",
        "",
        "internetx",
    )
]
PORTS = [
    "22",
    "*",
    "22,80",
    "22-80",
    "80-22",
    "0",
    "0-65535",
    "70000",
    "ssh",
    "22-",
    "",
    "22, 80",
    "-1",
    "+22",
    "22,,80",
    "1-2-3",
    "022",
]
PROTOCOLS: list[Any] = [
    "tcp",
    "udp",
    "icmp",
    "ipv6-icmp",
    "sctp",
    "fc",
    "TCP",
    "6",
    "06",
    "0",
    "256",
    "-1",
    "*",
    "",
    "foo",
    "gre",
    "esp",
    "igp",
    "ip-in-ip",
    "ipv4",
    "+6",
    "17",
    "1",
    "58",
    "99",
    6,
    1,
    6.0,
    300,
    None,
    True,
    [],
    "6.0",
    "1e1",
    1e1,
]
JUNK: list[Any] = [None, True, 5, 1.5, "", "x", [], {}, [None], [5], {"a": 1}, "alice@", ["alice@"], [[]], [{}]]
DURATIONS: list[Any] = [
    "12h",
    "1d",
    "always",
    "0s",
    "200h",
    "-1h",
    "168h",
    "",
    "5",
    "1h30m",
    "1.5h",
    "1w",
    None,
    5,
    "ALWAYS",
    " 1h",
]


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        #: How odd the next policy is: one with many mistakes would hide what is made of each.
        self.oddness = 1.0

    def some(self, choices: list[Any], most: int = 3) -> list[Any]:
        return [self.random.choice(choices) for _ in range(self.random.randint(0, most))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def odd(self, probability: float) -> bool:
        return self.random.random() < probability * self.oddness

    def selector(self) -> str:
        """Mostly one that is defined."""
        if self.odd(0.12):
            found = self.random.choice([*USERS, *GROUPS, *TAGS, *HOSTS, *ADDRESSES, *AUTOGROUPS])
            return f" {found}" if self.odd(0.05) else f"{found} " if self.odd(0.05) else str(found)
        return str(self.random.choice(
            ["alice@", "bob@", "group:dev", "group:ops", "tag:web", "tag:db", "server", "net", "*", "100.64.0.1", "10.0.0.0/8",
             "autogroup:member", "autogroup:tagged"]
        ))  # fmt: skip

    def destination(self) -> str:
        odd = self.odd(0.15)
        port = self.random.choice(PORTS if odd else ["22", "*", "22,80", "22-80"])
        selector = self.selector()
        if self.odd(0.05):
            selector = self.random.choice(
                ["[fd7a::1]", "[fd7a::1]/128", "[10.0.0.1]", "fd7a::1", "fd7a::1/128", "autogroup:self", "[::1"]
            )
        return selector if self.odd(0.03) else f"{selector}:{port}"

    def selectors(self, make: Callable[[], Any]) -> Any:
        if self.odd(0.03):
            return self.random.choice(JUNK)
        found = [make() for _ in range(self.random.randint(0 if self.odd(0.1) else 1, 3))]
        return [*found, self.random.choice(JUNK)] if self.odd(0.02) else found

    def approver(self) -> str:
        usual = ["alice@", "group:dev", "tag:web"]
        return str(self.random.choice([*USERS, *GROUPS, *TAGS, *AUTOGROUPS, "*"] if self.odd(0.1) else usual))

    def rule(self) -> Any:
        if self.odd(0.01):
            return self.random.choice(JUNK)
        rule: dict[str, Any] = {
            "action": self.random.choice(["deny", "Accept", "", None, "check", True]) if self.odd(0.04) else "accept",
            "src": self.selectors(self.selector),
            "dst": self.selectors(self.destination),
        }
        if self.chance(0.4):
            rule["proto"] = self.random.choice(PROTOCOLS if self.odd(0.5) else ["tcp", "udp", ""])
        return self._odd(rule, ["users", "ports", "srcPosture", "#id", "name", "Src", "DST", "via"])

    def _odd(self, given: dict[str, Any], names: list[str]) -> dict[str, Any]:
        """Perhaps without a member, or with one that is not known."""
        if given and self.odd(0.03):
            given.pop(self.random.choice(list(given)))
        if self.odd(0.03):
            given[self.random.choice(names)] = self.random.choice(JUNK)
        return given

    def ssh(self) -> Any:
        rule: dict[str, Any] = {
            "action": self.random.choice(["deny", "", " accept", "Check", None] if self.odd(0.2) else ["accept", "check"]),
            "src": self.selectors(lambda: self.random.choice(
                ["alice@", "group:dev", "tag:web", "autogroup:member", "autogroup:tagged"]) if self.chance(0.8) else self.selector()),
            "dst": self.selectors(lambda: self.random.choice(
                ["alice@", "tag:web", "autogroup:self", "autogroup:member", "autogroup:tagged"]) if self.chance(0.8) else self.selector()),
            "users": self.selectors(lambda: self.random.choice(
                ["root", "autogroup:nonroot", "ubuntu", "localpart:*@x.y", *(["", "*", "autogroup:self", " root"] if self.odd(0.2) else [])])),
        }  # fmt: skip
        if self.chance(0.4):
            rule["checkPeriod"] = self.random.choice(DURATIONS if self.odd(0.5) else ["12h", "168h"])
        if self.odd(0.1):
            rule["acceptEnv"] = self.some(["LANG", "*", "", "LC_*"])
        return self._odd(rule, ["recorder", "acceptEnv", "Users"])

    def grant(self) -> Any:
        grant: dict[str, Any] = {"src": self.selectors(self.selector), "dst": self.selectors(self.selector)}
        if self.chance(0.8):
            grant["ip"] = self.selectors(lambda: self.random.choice(
                ["*", "443", "80-90", "tcp:22", "icmp:*", "udp:53", *(["icmp", "tcp", "TCP:22", "06:1", "6:22", "a:b:c", "*:22", ":22", "0:1", "tcp:0", 5, None] if self.odd(0.2) else [])]))  # fmt: skip
        if self.chance(0.3):
            grant["app"] = {self.random.choice(
                ["example.com/cap/x", "tailscale.com/cap/drive", "https://x.y/z", "tailscale.com/cap/ingress", "x"]
            ): self.random.choice([[], [{}], None, {}, [5]])}  # fmt: skip
        if self.odd(0.2):
            grant["via"] = self.selectors(
                lambda: self.random.choice(["tag:web", "tag:none", "alice@", "tag:1", None, 5, "tag:web"])
            )
        return self._odd(grant, ["srcPosture", "ports", "action"])

    def test(self) -> Any:
        test: dict[str, Any] = {"src": self.selector()}
        for name in ("accept", "deny"):
            if self.chance(0.6):
                test[name] = self.selectors(lambda: f"{self.selector()}:{self.random.choice(['22', '80', *PORTS])}")
        if self.odd(0.2):
            test["proto"] = self.random.choice(PROTOCOLS)
        return self._odd(test, ["ports", "srcPostureAttrs"])

    def ssh_test(self) -> Any:
        """Its source is none of many addresses: 0.29 lists them all, until there is no memory left."""
        sources = ["alice@", "group:dev", "tag:web", "100.64.0.1", "server", "autogroup:member"]
        test: dict[str, Any] = {
            "src": self.random.choice(
                ["", None, " ", 5, "none", "alice", "a:b", " alice@"] if self.odd(0.2) else sources
            ),
            "dst": self.selectors(self.selector),
        }
        for name in ("accept", "deny", "check"):
            if self.chance(0.5):
                test[name] = self.some(["root", "ubuntu", "", 5] if self.odd(0.1) else ["root"])
        return self._odd(test, ["users"])

    def policy(self) -> dict[str, Any]:
        random_ = self.random
        self.oddness = random_.choice([0.1, 0.3, 1])
        regular = self.chance(0.4)
        policy: dict[str, Any] = {
            "groups": {"group:dev": ["alice@", "bob@"], "group:ops": ["carol@example.com"]},
            "hosts": {"server": "100.64.0.7", "net": "10.1.0.0/16", "six": "fd00::1"},
            "tagOwners": {"tag:web": ["group:dev"], "tag:db": ["alice@"]},
        }
        if self.odd(0.25):
            policy["groups"][random_.choice(GROUPS)] = self.selectors(
                lambda: random_.choice(["alice@", *USERS, *GROUPS, *TAGS])
            )
        if self.odd(0.25):
            policy["hosts"][random_.choice(HOSTS)] = random_.choice([*ADDRESSES, None, 5, "x", ""])
        if self.odd(0.3):
            policy["tagOwners"][random_.choice(TAGS)] = self.selectors(
                lambda: random_.choice(["alice@", "group:dev", "tag:web", *USERS, *GROUPS, *TAGS, *AUTOGROUPS]))  # fmt: skip
        if self.odd(0.1):
            policy["tagOwners"]["tag:web"] = ["tag:db"]
            if self.chance(0.5):
                policy["tagOwners"]["tag:db"] = [random_.choice(["tag:web", "tag:db"])]
        if self.chance(0.9):
            policy["acls"] = [self.rule() for _ in range(random_.randint(0, 3))]
        if self.chance(0.3):
            policy["ssh"] = [self.ssh() for _ in range(random_.randint(1, 2))]
        if self.chance(0.25):
            approvers: dict[str, Any] = {}
            if self.chance(0.8):
                approvers["routes"] = {
                    random_.choice([*ADDRESSES, ""] if self.odd(0.3) else ["10.0.0.0/8", "fd00::/8"]): self.selectors(
                        self.approver
                    )
                    for _ in range(random_.randint(1, 3))
                }
            if self.chance(0.6):
                approvers["exitNode"] = self.selectors(self.approver)
            policy["autoApprovers"] = self._odd(approvers, ["exitNodes", "ExitNode", "route"])
        for name, make, most in (("grants", self.grant, 2), ("tests", self.test, 2), ("sshTests", self.ssh_test, 2)):
            if self.chance(0.12) and not regular:
                policy[name] = [make() for _ in range(random_.randint(0, most))]
        if self.odd(0.08):
            policy["nodeAttrs"] = [self._odd({
                "target": self.selectors(self.selector),
                "attr": self.some(["magicdns-aaaa", "funnel", "", 5] if self.chance(0.3) else ["randomize-client-port"]),
                **({"ipPool": random_.choice([[], ["100.81.0.0/16"], ["x"], None])} if self.odd(0.2) else {}),
            }, ["app"])]  # fmt: skip
        if self.odd(0.05):
            policy["randomizeClientPort"] = random_.choice([True, False, None, "yes"])
        for name in list(policy):
            if self.odd(0.04):
                policy.pop(name)
            elif self.odd(0.01):
                policy[name] = random_.choice(JUNK)
            elif self.odd(0.01):
                policy[random_.choice([name.upper(), name.replace("O", "_o")])] = policy.pop(name)
        if self.odd(0.02):
            policy[random_.choice(["postures", "acl", "Groups", "#x", "tag_owners", "auto-approvers"])] = (
                random_.choice(JUNK)
            )
        return policy

    def changed(self, text: bytes) -> bytes:
        """A text with some of its bytes changed."""
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randint(0, len(text))
            end = min(len(text), at + self.random.randint(0, 4))
            put = self.random.choice([b"", b"", b",", b'"', b"}", b"]", b"{", b"[", b":", b"// x\n", b"/* y */", b"#", b"@", b"tag:",
                                      b"null", b"1", b"\\", b"\\u0041", b"\xff", b"\n", b" ", b"*", b"\\ud800"])  # fmt: skip
            text = text[:at] + put + text[end:]
        return text


def policies(seed: int, count: int, cases: list[bytes]) -> Iterator[bytes]:
    maker = Maker(seed)
    for number in range(count):
        if number % 4 == 3 and cases:
            yield maker.changed(maker.random.choice(cases))
        elif number % 10 == 9:
            yield maker.changed(json.dumps(maker.policy(), indent=1).encode())
        else:
            yield json.dumps(maker.policy(), ensure_ascii=maker.chance(0.5)).encode()


#: How many policies one process gets: Headscale keeps something of each.
_AT_ONCE = 500


def _asked(program: str, texts: list[bytes]) -> list[str]:
    asked = "".join(json.dumps({"policy": base64.b64encode(text).decode()}) + "\n" for text in texts)
    answered = subprocess.run([program], input=asked, capture_output=True, text=True, check=True)
    return [json.loads(line)["err"] for line in answered.stdout.splitlines()]


def differences(release: Release, program: str, texts: list[bytes]) -> Iterator[tuple[bytes, str, list[str]]]:
    """The text, what Headscale said, and what hslint says."""
    answers = [said for at in range(0, len(texts), _AT_ONCE) for said in _asked(program, texts[at : at + _AT_ONCE])]
    for text, said in zip(texts, answers, strict=True):
        found = meaning_of(text, release)
        if found.refused != bool(said) and "user not found" not in said:  # there are no users: nodeAttrs of 0.29 minds
            yield text, said, [f"{each.outcome.value}: {each.message}" for each in found.complaints]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("programs", nargs="+", metavar="RELEASE=PROGRAM")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5, help="how many differences to show in full")
    parser.add_argument("--cases", type=Path)
    arguments = parser.parse_args()
    cases = json.loads(arguments.cases.read_text(encoding="utf-8")) if arguments.cases else []
    texts = list(policies(arguments.seed, arguments.count, [text_of(case["policy"]) for case in cases]))
    wrong = 0
    for each in arguments.programs:
        name, _, program = each.partition("=")
        resolved = resolve(name)
        if resolved is None or not program:
            parser.error(f"{each}: RELEASE=PROGRAM is wanted")
        found = list(differences(resolved.known, program, texts))
        wrong += len(found)
        print(f"{name}: {len(texts) - len(found)} of {len(texts)} agree")
        for text, said, messages in found[: arguments.show]:
            print(
                f"--- Headscale: {said[:300] or 'accepts it'}\n    hslint: {messages or 'accepts it'}\n{text.decode('utf-8', 'replace')}"
            )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
