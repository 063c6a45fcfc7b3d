"""What the stand-in for Chatwoot tells: contacts, messages and conversations as JSON."""

from typing import Any, Final

from rehearsal.moments import iso
from rehearsal.talks import Account, Kind, Said, Talk


def sender_of(talk: Talk) -> dict[str, Any]:
    """The contact, as Chatwoot shows it."""
    return {
        "id": talk.id,
        "name": talk.name,
        "email": None,
        "phone_number": talk.phone,
        "identifier": None,
        "thumbnail": "",
        "additional_attributes": {},
        "custom_attributes": {},
        "blocked": False,
    }


_AGENT: Final = {"id": 1, "name": "Agent", "email": "agent@example.com", "type": "user"}


def pushed(talk: Talk, said: Said, now: float) -> dict[str, Any]:
    """A message in its short form: the type a number, the time in seconds, with a status."""
    error = {"external_error": said.external_error} if said.external_error else {}
    return {
        "id": said.id,
        "content": said.content,
        "message_type": int(said.kind),
        "content_type": "text",
        "content_attributes": error,
        "private": False,
        "status": said.status(now),
        "source_id": f"wamid.{said.id:08d}",
        "created_at": int(said.at),
        "conversation_id": talk.id,
    }


def conversation_payload(account: Account, talk: Talk, now: float) -> dict[str, Any]:
    """A conversation as webhooks carry it."""
    return {
        "id": talk.id,
        "inbox_id": account.inbox,
        "status": "open",
        "can_reply": talk.may_be_answered(now),
        "channel": "Channel::Whatsapp",
        "contact_inbox": {"id": talk.id, "source_id": talk.phone.lstrip("+")},
        "messages": [pushed(talk, said, now) for said in talk.messages[-1:]],
        "labels": [],
        "meta": {
            "sender": {**sender_of(talk), "type": "contact"},
            "assignee": None,
            "team": None,
            "hmac_verified": False,
        },
        "unread_count": 0,
        "first_reply_created_at": None,
        "priority": None,
        "waiting_since": 0,
        "last_activity_at": int(talk.active_at),
        "timestamp": int(talk.active_at),
        "created_at": int(talk.began),
    }


def message_payload(account: Account, talk: Talk, said: Said, now: float) -> dict[str, Any]:
    """A message as webhooks carry it: the type a word, the time ISO text, no status."""
    is_incoming = said.kind is Kind.INCOMING
    return {
        "id": said.id,
        "content": said.content,
        "content_type": "text",
        "content_attributes": {} if is_incoming else {"external_error": None},
        "additional_attributes": {},
        "message_type": said.kind.name.lower(),
        "private": False,
        "source_id": f"wamid.{said.id:08d}",
        "created_at": iso(said.at),
        "sender": sender_of(talk) if is_incoming else _AGENT,
        "inbox": {"id": account.inbox, "name": f"{account.name} WhatsApp"},
        "account": {"id": account.id, "name": account.name},
        "conversation": conversation_payload(account, talk, now),
    }
