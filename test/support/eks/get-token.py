"""Runs the aws CLI at a frozen time: `get-token.py 2026-11-26T12:00:00+00:00 eks get-token ...`."""

import datetime
import sys

import botocore.auth
from awscli.clidriver import main

frozen = datetime.datetime.fromisoformat(sys.argv[1])


def get_current_datetime(remove_tzinfo=True):
    return frozen.replace(tzinfo=None) if remove_tzinfo else frozen


botocore.auth.get_current_datetime = get_current_datetime
sys.argv = ["aws", *sys.argv[2:]]
sys.exit(main())
