"""Does with py-substrate-interface what visit.mjs does with other clients.

Reads the order from standard input and writes the report to standard output, both as JSON.
An error that ends it says what was being done.
"""

import json
import sys
from contextlib import contextmanager

from scalecodec import ScaleBytes
from substrateinterface import Keypair, SubstrateInterface

# More than any map of a test has, so that all of it is one page.
PAGE = 1000


@contextmanager
def doing(what):
    try:
        yield
    except Exception as error:
        error.add_note(f"while {what}")
        raise


def digits(value):
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else None
    )


def read_each(items, read):
    report = {}
    for pallet, name in items:
        with doing(f"reading {pallet}.{name}"):
            report[f"{pallet}.{name}"] = read(pallet, name)
    return report


def happening(record):
    event = record.value
    fields = event["attributes"]
    if isinstance(fields, dict):
        fields = {name: digits(value) or value for name, value in fields.items()}
    return {
        "extrinsic": event["extrinsic_idx"],
        "name": f"{event['module_id']}.{event['event_id']}",
        "fields": fields,
    }


def visit(order):
    with doing("connecting"):
        chain = SubstrateInterface(order["url"], config={"strict_scale_decode": True})
        ferdie = Keypair.create_from_uri("//Ferdie", ss58_format=chain.ss58_format)
    before = order["blockHash"]

    def plain(pallet, name):
        return digits(chain.query(pallet, name, block_hash=before).value)

    def entries(pallet, name):
        page = chain.query_map(
            pallet,
            name,
            block_hash=before,
            page_size=PAGE,
            ignore_decoding_errors=False,
        )
        return len(page.records)

    def constant(pallet, name):
        return digits(chain.get_constant(pallet, name, block_hash=before).value)

    def free(address, block_hash):
        account = chain.query("System", "Account", [address], block_hash=block_hash)
        return str(account.value["data"]["free"])

    report = {
        "plain": read_each(order["plain"], plain),
        "maps": read_each(order["maps"], entries),
        "constants": read_each(order["constants"], constant),
    }

    with doing("making a transfer"):
        parameters = {"dest": order["recipient"], "value": int(order["value"])}
        call = chain.compose_call("Balances", "transfer_keep_alive", parameters)
        extrinsic = chain.create_signed_extrinsic(call, ferdie)
        receipt = chain.submit_extrinsic(extrinsic, wait_for_inclusion=True)
    after = receipt.block_hash
    with doing("looking whether it succeeded"):
        assert receipt.is_success, receipt.error_message
    with doing("reading the events of its block"):
        events = [happening(record) for record in chain.get_events(after)]
    with doing("decoding a general transaction"):
        general = chain.create_scale_object("Extrinsic", ScaleBytes(order["general"]))
        general.decode(check_remaining=False)
        call = general.value["call"]
    with doing("reading balances"):
        accounts = {"sender": ferdie.ss58_address, "recipient": order["recipient"]}
        balances = {
            who: [free(address, before), free(address, after)]
            for who, address in accounts.items()
        }
    return report | {
        "blockHash": after,
        "extrinsic": receipt.extrinsic_idx,
        "events": events,
        "free": balances,
        "general": f"{call['call_module']}.{call['call_function']}",
    }


json.dump(visit(json.load(sys.stdin)), sys.stdout)
