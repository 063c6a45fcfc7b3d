"""Accounts: where the application's tenants live in Chatwoot."""

from typing import Annotated

from pydantic import BeforeValidator

from firstwatch.probe import Section


class Account(Section):
    """One tenant's place in Chatwoot."""

    account: int
    """The number of its account."""
    inbox: int | None = None
    """The number of its inbox; left out, the whole account is counted, and no inbox looked at."""
    company: str = ""
    """Its id in the application, as the board's rows call it."""

    @property
    def label(self) -> str:
        return self.company or self.place

    @property
    def query(self) -> dict[str, object]:
        """What limits a list to its inbox."""
        return {} if self.inbox is None else {"inbox_id": self.inbox}

    @property
    def inbox_path(self) -> str:
        """Where the API has its inbox."""
        return f"/api/v1/accounts/{self.account}/inboxes/{self.inbox}"

    @property
    def place(self) -> str:
        inbox = "" if self.inbox is None else f" inbox {self.inbox}"
        return f"account {self.account}{inbox}"


def _accounts(value: object) -> object:
    """A list of accounts from "1/1=companyid,2/2=companyid", as an environment gives it."""
    if not isinstance(value, str):
        return value
    return [
        _account(entry.strip(), number)
        for number, entry in enumerate(value.split(","), 1)
        if entry.strip()
    ]


def _account(entry: str, number: int) -> dict[str, object]:
    place, _, company = entry.partition("=")
    account, slash, inbox = place.partition("/")
    if not account.strip().isdecimal() or (slash and not inbox.strip().isdecimal()):
        raise ValueError(f'entry {number} is not like "account/inbox=company", "1/1=c01"')
    known = {"account": int(account), "company": company.strip()}
    return known | ({"inbox": int(inbox)} if slash else {})


Accounts = Annotated[tuple[Account, ...], BeforeValidator(_accounts)]
"""Tables of accounts, or one text "1/1=companyid,2/2=companyid"."""
